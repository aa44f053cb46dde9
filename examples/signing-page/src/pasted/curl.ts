import { type Given, given, headerOf } from "./given.js";
import { cmdWords, isForCmd, shellWords } from "./shell.js";

const DATA = new Set(["-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"]);
/** They build the body, or send a file. */
const BUILT = new Set(["-F", "--form", "--form-string", "--data-urlencode", "-T", "--upload-file"]);

/** A curl command for a POSIX shell or for Windows' cmd. */
export function readCurl(text: string): Given {
  const words = isForCmd(text) ? cmdWords(text) : shellWords(text);
  const headers: [string, string][] = [];
  const data: string[] = [];
  let isElsewhere = false;
  let piped: string | null = null;
  for (const [index, word] of words.entries()) {
    const [name, value] = optionAt(words, index);
    if (name === "-H" || name === "--header") headers.push(headerOf(value));
    // `printf %s '…' | curl … --data-binary @-`, which has no limit to the body's length.
    if (word === "printf" && words[index + 1] === "%s") piped = words[index + 2] ?? null;
    if (BUILT.has(name)) isElsewhere = true;
    if (!DATA.has(name)) continue;
    const isFile = value.startsWith("@") && name !== "--data-raw";
    if (!isFile) data.push(value);
    else if (value === "@-" && piped !== null) data.push(piped);
    else isElsewhere = true;
  }
  if (isElsewhere) return given(headers, null, "body_elsewhere");
  return given(headers, data.length === 0 ? null : data.join(words.includes("--json") ? "" : "&"));
}

function optionAt(words: readonly string[], index: number): [string, string] {
  const word = words[index] as string;
  if (/^-[HdFT]./.test(word)) return [word.slice(0, 2), word.slice(2)];
  const [name, value] = /^--[a-z-]+=/.test(word) ? (word.match(/^(--[a-z-]+)=([^]*)$/)?.slice(1) ?? []) : [];
  return name === undefined ? [word, words[index + 1] ?? ""] : [name, value ?? ""];
}
