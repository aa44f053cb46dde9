import { given, type HeaderList, type Pasted, pasted } from "./given.js";

/** What `curl -v` prints: what it sends begins with `>`, what it gets with `<`, and more lines have other beginnings. */
export function isTrace(text: string): boolean {
  return /^> (POST|PUT) \S+/m.test(text);
}

/** The headers that were sent. */
export function readTrace(text: string): Pasted {
  const sent = text.split(/\r?\n/).filter((line) => line.startsWith("> "));
  return pasted("headers", given(sent.flatMap(headersIn)));
}

/** Headers one a line, as browsers and proxies show them; a body may follow after an empty line. */
export function readBlock(text: string): Pasted {
  const block = text.trimStart();
  const end = /\r?\n\r?\n/.exec(block);
  const head = end === null ? block : block.slice(0, end.index);
  const body = end === null ? "" : block.slice(end.index + end[0].length);
  const headers = head.split(/\r?\n/).flatMap(headersIn);
  return body.trim() === "" ? pasted("headers", given(headers)) : pasted("request", given(headers, body));
}

/** White space around a value is no part of it. */
function headersIn(line: string): HeaderList {
  const match = /^(?:[<>] )?([A-Za-z0-9-]+)\s*:[ \t]*(.*?)[ \t]*$/.exec(line);
  return match ? [[match[1] as string, match[2] as string]] : [];
}
