import { describe, tagOf, WebhookUsageError } from "../errors.js";
import { isUniversal } from "../runtime/bundle.js";
import { hasOtherType, type HeadersInput } from "./headers.js";

/** The body exactly as it arrived: text, or bytes in any of JavaScript's forms. */
export type Body = string | ArrayBuffer | SharedArrayBuffer | ArrayBufferView;

/** A body whose type has been checked. */
export type BodyContent = string | Uint8Array;

/** The body as text or bytes; throws `body_parsed` for anything else. */
export function bodyContent(body: Body): BodyContent {
  const content = contentOf(body);
  if (content === null) throw parsedBody(body);
  return content;
}

/**
 * The body of a request as text or bytes. Null for what any client can cause, which is not the receiver's mistake: no
 * body, or whatever a parser made of a request whose content type no delivery has. Throws `body_parsed` for
 * anything else.
 */
export function arrivedContent(body: Body, headers: HeadersInput): BodyContent | null {
  const content = contentOf(body);
  const isRefusable = content !== null || isNoBody(body) || (hasOtherType(headers) && adviceOnUnread(body) === null);
  if (!isRefusable) throw parsedBody(body);
  return content;
}

/** Newer than the language version that we compile for. */
interface Resizable {
  readonly resizable?: boolean;
}

/**
 * Bytes are not copied, unless they are shared with another thread, which could change them between their verification
 * and their use, or their buffer is resizable, of which browsers decode no text.
 */
function contentOf(body: Body): BodyContent | null {
  if (typeof body === "string") return body;
  if (ArrayBuffer.isView(body)) {
    if (isPlain(body)) return body;
    return bytesOf(body.buffer, body.byteOffset, body.byteLength);
  }
  return isBuffer(body) ? bytesOf(body) : null;
}

/**
 * Whether this is what body parsers leave when they read nothing: `undefined` in Express 5, an empty object in Express
 * 4.
 */
export function isNoBody(body: unknown): boolean {
  return body === undefined || body === null || (isObject(body) && Object.keys(body).length === 0);
}

function isObject(body: unknown): body is object {
  return describe(body) === "an object";
}

/**
 * Whether this is a `Uint8Array` or Node's `Buffer` over memory of its own, which most callers pass, and which is used as it
 * is. A subclass may have another `length`, and so be hashed as something else than it is parsed as. An empty view may be of
 * a detached buffer, which `bytesOf` tells apart.
 */
function isPlain(body: ArrayBufferView): body is Uint8Array<ArrayBuffer> {
  const prototype = Object.getPrototypeOf(body);
  const { Buffer } = globalThis as { Buffer?: { prototype: unknown } };
  if (prototype !== Uint8Array.prototype && prototype !== Buffer?.prototype) return false;
  const { buffer, length, byteLength } = body as Uint8Array<ArrayBuffer & Resizable>;
  return buffer instanceof ArrayBuffer && !buffer.resizable && length > 0 && length === byteLength;
}

/** Recognizes buffers of any realm, which `instanceof` would not. */
function isBuffer(body: unknown): body is ArrayBufferLike {
  return tagOf(body).endsWith("ArrayBuffer");
}

/** A detached buffer looks empty, but creating a view of it throws. */
function bytesOf(buffer: ArrayBufferLike & Resizable, offset?: number, length?: number): Uint8Array {
  try {
    // A Uint8Array can be made of anything, and is empty if that only looks like a buffer, such as a Proxy of one.
    new DataView(buffer);
    const bytes = new Uint8Array(buffer, offset, length);
    return tagOf(buffer) === "ArrayBuffer" && !buffer.resizable ? bytes : bytes.slice();
  } catch {
    throw new WebhookUsageError(
      "body_detached",
      "The body was transferred and is empty.",
      "Transfer a copy, or verify it before.",
    );
  }
}

/** What to say about a missing body. */
export function missingBody(
  body: unknown,
): readonly [seen: string, advice: string, details: { readonly received: string }] {
  const words = describe(body);
  const isEmpty = typeof body === "object" && body !== null && Object.keys(body).length === 0;
  const received = isEmpty ? words.replace(/^an? /, "an empty ") : words;
  return [
    `The body is ${received}: nothing arrived that could be verified.`,
    "Requests from elsewhere may have none, or a type that your parser skips. " +
      `If this happens to genuine deliveries: ${RAW_BODY}`,
    { received },
  ];
}

/** The error for a body that is not what arrived, with advice that fits what it is instead. */
export function parsedBody(body: unknown): WebhookUsageError {
  const received = describe(body);
  const seen = `The body is ${received}, not the text or bytes that arrived, which are what the signature covers.`;
  return new WebhookUsageError("body_parsed", seen, adviceOnUnread(body) ?? `Instead, ${RAW_BODY}`, { received });
}

/** What to do with a body that has yet to be read or awaited; null for any other. */
function adviceOnUnread(body: unknown): string | null {
  const has = (method: string) => typeof (body as Record<string, unknown> | null)?.[method] === "function";
  if (has("then")) return "Await it.";
  if (has("arrayBuffer")) {
    return "Pass `await request.arrayBuffer()` or call `verifyRequest(request)`, before anything else reads it.";
  }
  return has("getReader") || has("pipe") ? "Read the stream to its end and pass the bytes." : null;
}

/** A short form: the README, which every error links to, has the lines for each framework. */
const RAW_BODY = isUniversal
  ? "pass the raw body. Express, Fastify, Koa, NestJS, Vercel, Next.js pages/api: `nodeHandler` or `rawBody` from " +
    "@dealix/webhooks/node, before any parser, or `express.raw({ type: () => true })`. " +
    "Google Cloud, Firebase: `req.rawBody`. Nuxt: `readRawBody(event)`. Next.js, Hono, Workers, Deno, Bun: `await request.text()`, not `request.json()`."
  : "pass the raw body: `await request.text()`, not `await request.json()`. Nuxt: `readRawBody(event)`. " +
    "Express, Koa: `nodeHandler` or `rawBody` from @dealix/webhooks/node.";
