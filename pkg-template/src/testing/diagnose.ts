import { bodyContent, isNoBody, parsedBody, type Body } from "../input/body.js";
import type { Diagnosis } from "./diagnosis.js";
import { headerNames, headerText, signatureHeader, type HeadersInput } from "../input/headers.js";
import { DEFAULT_MAX_AGE_SECONDS, Webhook, type Secrets } from "../index.js";
import { clock, invalidOption, knownOptions, wholeNumber } from "../input/options.js";
import { ask } from "../wasm/testing.js";
import { decode, encode } from "../runtime/text.js";

export interface DiagnoseOptions {
  /** The endpoint's secret, or several, as `Webhook` takes them. */
  secret: Secrets;
  /** All headers of the request, so that another provider's are seen, or the text of `Dealix-Signature`. */
  headers: HeadersInput;
  /** What was passed to `verify`: text or bytes, and here also the object that a parser made of it. */
  body: Body | object | null | undefined;
  /** Secrets of other endpoints and environments: one, a list, or by a label that the answer may name. Unset ones are passed over. */
  otherSecrets?: Secrets | Readonly<Record<string, string | undefined>> | undefined;
  /** The window in whole seconds; 300 by default. */
  maxAgeSeconds?: number | undefined;
  /** The receiver's clock in seconds since 1970; now by default. */
  now?: number | undefined;
}

/**
 * Says why a delivery does not verify: the help of last resort, for development. It tries what commonly goes wrong, never
 * changes a verdict, and shows no secret, body or expected MAC.
 *
 * ```js
 * const { cause, message, advice } = diagnose({ secret, headers: request.headers, body: rawBody });
 * ```
 */
export function diagnose(options: DiagnoseOptions): Diagnosis {
  const { secret, headers, body, otherSecrets, maxAgeSeconds, now } = knownOptions(options, { secret: undefined, headers: undefined, body: undefined, otherSecrets: undefined, maxAgeSeconds: undefined, now: undefined });
  // Refuses what the receiver would have refused at its start.
  new Webhook(secret);
  const { bytes, parsed, stringified } = received(body);
  // It would take a minute, or more memory than WebAssembly has.
  if (bytes.length > MAX_BODY_BYTES) throw invalidOption("body", body, "Give at most 256 MiB: no delivery of Dealix comes near.");
  const lists = [
    listed(signatureHeader(headers)),
    listed(headerText(headers, "content-encoding")),
    listed(stringified),
    Array.isArray(secret) ? secret : [secret],
    labelled(otherSecrets).flat(),
    headerNames(headers, MAX_HEADER_NAMES),
  ];
  const window = wholeNumber("maxAgeSeconds", maxAgeSeconds, DEFAULT_MAX_AGE_SECONDS);
  const [length, clockNow] = [contentLength(headers), clock(now)];
  const { failed, text } = ask((wasm) => wasm.diagnose(Number(parsed), length, window, clockNow), pack(lists), bytes);
  if (failed) throw new Error(`@dealix/webhooks: the diagnosis did not start (${text})`);
  return JSON.parse(text) as Diagnosis;
}

const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Far more than a request has. */
const MAX_HEADER_NAMES = 1000;

/** The body's bytes, or of a parsed object what `JSON.stringify` makes of it; and of JSON text what that makes of it. */
interface Received {
  readonly bytes: Uint8Array;
  readonly parsed: boolean;
  readonly stringified: string | null;
}

function received(body: DiagnoseOptions["body"]): Received {
  if (body === undefined || body === null) return { bytes: new Uint8Array(), parsed: false, stringified: null };
  if (isParsed(body)) return { bytes: encode(stringify(body)), parsed: true, stringified: null };
  const content = bodyContent(body as Body);
  const bytes = typeof content === "string" ? encode(content) : content;
  return { bytes, parsed: false, stringified: bytes.length > MAX_JSON_BYTES ? null : writtenAgain(bytes) };
}

/** As long as handlers take a body. To parse a longer one and to write it again may take longer than all that the Rust core tries. */
const MAX_JSON_BYTES = 1024 * 1024;

/** What came out of a parser, in place of the text or bytes, or of what is still to be read. */
function isParsed(body: unknown): boolean {
  if (typeof body === "string" || ArrayBuffer.isView(body)) return false;
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(body))) return false;
  const unread = ["then", "arrayBuffer", "getReader", "pipe"];
  if (unread.some((method) => typeof (body as Record<string, unknown>)[method] === "function")) throw parsedBody(body);
  return true;
}

function stringify(body: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch {
    // A cycle or a bigint: no parser of JSON made it.
  }
  // A Map, an Error or a form's data is {}, whatever it holds; only an object without properties is what parsers leave of nothing.
  if (text === undefined || (text === "{}" && !isNoBody(body))) throw parsedBody(body);
  return text;
}

function writtenAgain(bytes: Uint8Array): string | null {
  try {
    return JSON.stringify(JSON.parse(decode(bytes)));
  } catch {
    return null;
  }
}

/** The other secrets that are set, each with its label. */
function labelled(secrets: DiagnoseOptions["otherSecrets"]): [string, string][] {
  if (secrets === undefined || secrets === null) return [];
  const list: unknown[] | null = Array.isArray(secrets) ? secrets : typeof secrets === "string" ? [secrets] : null;
  const entries: [string, unknown][] = list?.map((secret, index) => [`otherSecrets[${index}]`, secret]) ?? Object.entries(secrets);
  const isSet = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "";
  return entries.filter(isSet);
}

/** What the request says; -1 where it says nothing. */
function contentLength(headers: HeadersInput): number {
  const length = headerText(headers, "content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : -1;
}

function listed(text: string | null): string[] {
  return text === null ? [] : [text];
}

/** Lists of texts as the Rust core reads them: each list and each text after its length in four bytes. */
function pack(lists: readonly (readonly string[])[]): Uint8Array {
  const parts = lists.flatMap((list) => [prefix(list.length), ...list.map(encode).flatMap((text) => [prefix(text.length), text])]);
  const packed = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
}

function prefix(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}
