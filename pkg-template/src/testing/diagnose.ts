import { DEFAULT_MAX_AGE_SECONDS } from "../generated/constants.js";
import { bodyContent, isNoBody, parsedBody, type Body } from "../input/body.js";
import type { Diagnosis } from "./diagnosis.js";
import { headerNames, headerText, signatureHeader, type HeadersInput } from "../input/headers.js";
import type { Secrets } from "../input/secrets.js";
import { Webhook } from "../webhook/webhook.js";
import { clock, invalidOption, knownOptions, wholeNumber } from "../input/options.js";
import { call } from "../wasm/testing.js";
import { decode, encode } from "../runtime/text.js";

export interface DiagnoseOptions {
  /** The endpoint's secret, or several, as `Webhook` takes them. */
  secret: Secrets;
  /** All headers of the request, so that another provider's can be recognized, or the text of `Dealix-Signature`. */
  headers: HeadersInput;
  /** What was passed to `verify`: text or bytes, or here also the object that a parser made of it. */
  body: Body | object | null | undefined;
  /**
   * Secrets of other endpoints and environments: one, a list, or an object with a label for each, which the diagnosis
   * may name. Unset ones are skipped.
   */
  otherSecrets?: Secrets | Readonly<Record<string, string | undefined>> | undefined;
  /** How old, or how far in the future, the signature may be, in whole seconds; 300 by default. */
  maxAgeSeconds?: number | undefined;
  /** The receiver's clock in seconds since 1970; now by default. */
  now?: number | undefined;
}

/**
 * Says why a delivery does not verify, as a last resort during development. It tries what commonly goes wrong, never
 * changes a verdict, and shows no secret, body or expected MAC.
 *
 * ```js
 * const { cause, message, advice } = diagnose({ secret, headers: request.headers, body: rawBody });
 * ```
 */
export function diagnose(options: DiagnoseOptions): Diagnosis {
  const { secret, headers, body, otherSecrets, maxAgeSeconds, now } = knownOptions(options, OPTIONS);
  // Refuses what the receiver would have refused at start-up.
  new Webhook(secret);
  const { bytes, parsed, stringified } = received(body);
  // A longer body would take a minute, or more memory than WebAssembly has.
  if (bytes.length > MAX_BODY_BYTES) {
    throw invalidOption("body", body, "Pass at most 256 MiB: no Dealix delivery comes near that.");
  }
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
  const { failed, text } = call((wasm) => wasm.diagnose(Number(parsed), length, window, clockNow), pack(lists), bytes);
  if (failed) throw new Error(`@dealix/webhooks: the diagnosis did not start (${text})`);
  return JSON.parse(text) as Diagnosis;
}

const OPTIONS = {
  secret: undefined,
  headers: undefined,
  body: undefined,
  otherSecrets: undefined,
  maxAgeSeconds: undefined,
  now: undefined,
};

const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Far more than a request has. */
const MAX_HEADER_NAMES = 1000;

/**
 * The body's bytes, or a parsed object as `JSON.stringify` writes it. `stringified` is JSON text parsed and written
 * again.
 */
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

/**
 * The longest body that handlers accept by default. Rewriting a longer one could take longer than all the Rust core's
 * attempts.
 */
const MAX_JSON_BYTES = 1024 * 1024;

/** Whether this came out of a parser: not text or bytes, and nothing that has yet to be read. */
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
    // A cycle or a bigint: no JSON parser made it.
  }
  // A Map, an Error or form data becomes {}, whatever it contains; only an empty plain object is what parsers leave of
  // no body.
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
  const entries: [string, unknown][] =
    list?.map((secret, index) => [`otherSecrets[${index}]`, secret]) ?? Object.entries(secrets);
  const isSet = (entry: [string, unknown]): entry is [string, string] =>
    typeof entry[1] === "string" && entry[1] !== "";
  return entries.filter(isSet);
}

/** The request's Content-Length; -1 if it has none. */
function contentLength(headers: HeadersInput): number {
  const length = headerText(headers, "content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : -1;
}

function listed(text: string | null): string[] {
  return text === null ? [] : [text];
}

/** Lists of texts as the Rust core reads them: each list and each text follows its length in four bytes. */
function pack(lists: readonly (readonly string[])[]): Uint8Array {
  const parts = lists.flatMap((list) => [
    prefix(list.length),
    ...list.map(encode).flatMap((text) => [prefix(text.length), text]),
  ]);
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
