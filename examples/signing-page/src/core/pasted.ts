// What a developer has at hand: the header, a block of headers, a request, a curl line, a HAR entry, explain's JSON.
import { encode } from "./bytes.js";
import { shellWords } from "./shell.js";

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface Reported {
  readonly cause: string;
  readonly certain: boolean;
  readonly message: string;
  readonly advice: string;
}

export interface Pasted {
  readonly kind: "empty" | "value" | "headers" | "request" | "curl" | "har" | "report" | "too_long";
  readonly headers: HeaderList;
  /** The signature header's text; null if there is none. */
  readonly signature: string | null;
  /** The body, if it came with the headers. */
  readonly body: Uint8Array<ArrayBuffer> | null;
  readonly report: Reported | null;
}

const MAX_CHARACTERS = 300_000;
const SIGNATURE = "dealix-signature";

export function readPasted(text: string): Pasted {
  if (text.trim() === "") return pasted("empty", []);
  if (/^\s*(curl|printf)\s/.test(text)) return fromCurl(text);
  if (/^\s*\{/.test(text)) return fromJson(text);
  if (text.length > MAX_CHARACTERS) return pasted("too_long", []);
  if (isBlock(text)) return fromBlock(text);
  const value = text.replace(/^[\r\n]+|[\r\n]+$/g, "");
  return pasted("value", [["Dealix-Signature", value]]);
}

/** The headers as `diagnose` takes them. */
export function headersRecord(headers: HeaderList): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    record[key] = record[key] === undefined ? value : `${record[key]}, ${value}`;
  }
  return record;
}

function pasted(kind: Pasted["kind"], headers: HeaderList, body: Pasted["body"] = null): Pasted {
  return { kind, headers, signature: headersRecord(headers)[SIGNATURE] ?? null, body, report: null };
}

function isBlock(text: string): boolean {
  return /^\s*([<>] )?(POST|PUT) \S+|^\s*([<>] )?[A-Za-z][A-Za-z0-9-]*\s*:/.test(text);
}

/** Headers one a line, as browsers, proxies and `curl -v` show them; a body may follow after an empty line. */
function fromBlock(text: string): Pasted {
  const [head = "", ...rest] = text.trimStart().split(/\r?\n\r?\n/);
  const headers = head.split(/\r?\n/).flatMap((line): HeaderList => {
    const match = /^(?:[<>] )?([A-Za-z0-9-]+)\s*:(.*)$/.exec(line);
    return match ? [[match[1] as string, (match[2] as string).replace(/^ /, "")]] : [];
  });
  const body = text
    .trimStart()
    .slice(head.length)
    .replace(/^\r?\n\r?\n/, "");
  const hasBody = rest.length > 0 && body.trim() !== "";
  return hasBody ? pasted("request", headers, encode(body)) : pasted("headers", headers);
}

const DATA = new Set(["-d", "--data", "--data-raw", "--data-binary", "--data-ascii"]);

function fromCurl(text: string): Pasted {
  const words = shellWords(text);
  const headers: [string, string][] = [];
  let body: string | null = null;
  for (const [index, word] of words.entries()) {
    const [name, value] = optionAt(words, index);
    if (name === "-H" || name === "--header") headers.push(headerOf(value));
    if (DATA.has(name) && !value.startsWith("@")) body = value;
    // `printf %s '…' | curl … --data-binary @-`, which has no limit to the body's length.
    if (word === "printf" && words[index + 1] === "%s") body = words[index + 2] ?? null;
  }
  return pasted("curl", headers, body === null ? null : encode(body));
}

function optionAt(words: readonly string[], index: number): [string, string] {
  const word = words[index] as string;
  if (/^-[Hd]./.test(word)) return [word.slice(0, 2), word.slice(2)];
  const [name, value] = /^--[a-z-]+=/.test(word) ? (word.match(/^(--[a-z-]+)=([^]*)$/)?.slice(1) ?? []) : [];
  return name === undefined ? [word, words[index + 1] ?? ""] : [name, value ?? ""];
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon).trim(), text.slice(colon + 1).replace(/^ /, "")];
}

interface HarRequest {
  headers?: { name?: unknown; value?: unknown }[];
  postData?: { text?: unknown };
}

function fromJson(text: string): Pasted {
  let json: any;
  try {
    json = JSON.parse(text);
  } catch {
    return pasted(text.length > MAX_CHARACTERS ? "too_long" : "value", [["Dealix-Signature", text]]);
  }
  if (typeof json.cause === "string" && typeof json.advice === "string") {
    const { cause, certain, message, advice } = json;
    return { ...pasted("report", []), report: { cause, certain: certain === true, message: String(message), advice } };
  }
  const entries: HarRequest[] = (json.log?.entries ?? [json]).map((entry: any) => entry?.request ?? entry);
  const read = entries.filter((entry) => Array.isArray(entry?.headers)).map(fromHar);
  const fallback = pasted("value", [["Dealix-Signature", text.slice(0, MAX_CHARACTERS)]]);
  return read.find(({ signature }) => signature !== null) ?? read[0] ?? fallback;
}

function fromHar({ headers = [], postData }: HarRequest): Pasted {
  const list = headers.map(({ name, value }) => [String(name), String(value)] as const);
  return pasted("har", list, typeof postData?.text === "string" ? encode(postData.text) : null);
}
