import { describe, tagOf, WebhookUsageError } from "./errors.js";
import { announceNoBody, type HeadersInput } from "./header.js";

/** The body exactly as it arrived: text, or bytes in any of JavaScript's forms. */
export type Body = string | ArrayBuffer | SharedArrayBuffer | ArrayBufferView;

/** A body that went through `bodyContent`. */
export type BodyContent = string | Uint8Array;

/**
 * The body as text or bytes. Bytes are not copied, unless they are shared with another thread, which
 * could change them between their verification and their use. Where the headers say that there was no body, none is needed.
 */
export function bodyContent(body: Body, headers?: HeadersInput): BodyContent {
  if (typeof body === "string") return body;
  if (ArrayBuffer.isView(body)) return bytesOf(body.buffer, body.byteOffset, body.byteLength);
  if (isBuffer(body)) return bytesOf(body);
  // A request may come without a body, and this is no mistake of the receiver's.
  if (isNoBody(body) && announceNoBody(headers)) return "";
  throw parsedBody(body);
}

/** Whether this is what body parsers leave of a request that had no body: Express 5 nothing, Express 4 an empty object. */
export function isNoBody(body: unknown): boolean {
  return body === undefined || body === null || (describe(body) === "an object" && Object.keys(body).length === 0);
}

/** Of any realm, which `instanceof` would not know. */
function isBuffer(body: unknown): body is ArrayBufferLike {
  return tagOf(body).endsWith("ArrayBuffer");
}

/** A detached buffer looks empty, but a view of it cannot be made. */
function bytesOf(buffer: ArrayBufferLike, offset?: number, length?: number): Uint8Array {
  try {
    // A Uint8Array is made of anything, and is empty if that is only called a buffer, as a Proxy of one is.
    new DataView(buffer);
    const bytes = new Uint8Array(buffer, offset, length);
    return buffer instanceof ArrayBuffer || tagOf(buffer) === "ArrayBuffer" ? bytes : bytes.slice();
  } catch {
    throw new WebhookUsageError(
      "body_detached",
      "The body's buffer was transferred, and holds nothing any more.",
      "Verify it before that, or transfer a copy.",
    );
  }
}

/** The error for a body that is not what arrived; its advice fits what it is instead. */
export function parsedBody(body: unknown): WebhookUsageError {
  const received = describe(body);
  const seen =
    body === undefined || body === null
      ? `The body is ${received}: nothing has read it.`
      : `The body is ${received}, not the text or bytes that arrived: a signature covers those.`;
  return new WebhookUsageError("body_parsed", seen, advice(body), { received });
}

function advice(body: unknown): string {
  const has = (method: string) => typeof (body as Record<string, unknown> | null | undefined)?.[method] === "function";
  if (has("then")) return "Await it.";
  if (has("arrayBuffer")) {
    return "Pass `await request.arrayBuffer()` or call `verifyRequest(request)`, before anything else reads it.";
  }
  if (has("getReader") || has("pipe")) return "Read the stream to its end and pass the bytes.";
  return (
    "Keep the raw body. Express, Fastify, Koa, NestJS: `nodeHandler` or `rawBody` of \"@dealix/webhooks/node\", before any parser; by hand " +
    "`express.raw({ type: () => true })` on this route, or `rawBody: true` in NestJS. Next.js, Hono, Workers, Deno, Bun: " +
    "`await request.text()` instead of `request.json()`; in pages/api of Next.js `nodeHandler`, with `bodyParser` off."
  );
}
