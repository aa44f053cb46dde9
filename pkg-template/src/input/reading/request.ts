import { type BodyLimits, refusedByHost } from "./limits.js";
import { bodyContent } from "../body.js";
import { collectBody, type ArrivingBody } from "./collect.js";
import { describe, WebhookUsageError } from "../../errors.js";
import type { HeadersLike } from "../headers.js";
import { HungUp } from "./hung-up.js";
import { isUniversal } from "../../runtime/bundle.js";

/** The parts of a `Request` that are used: not every framework's request has the rest. */
export interface RequestLike {
  readonly method: string;
  readonly headers: HeadersLike;
  readonly url?: string | undefined;
  readonly body?: object | null | undefined;
  readonly bodyUsed?: boolean | undefined;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A request's body where it is a web stream, which is told by its functions. */
type MaybeStream = Partial<ReadableStream> | null | undefined;

/** Refuses anything that is not a `Request` (of any realm), such as a framework's context or Node's request. */
export function assertRequest(request: unknown): void {
  if (isRequest(request)) return;
  const received = describe(request);
  const seen = `Expected a web \`Request\`, got ${received}.`;
  throw new WebhookUsageError("not_a_request", seen, requestAdvice(request), { received });
}

/** Recognized by the parts that are used, since other objects have `Headers` too. */
function isRequest(value: unknown): boolean {
  const { headers, arrayBuffer, body } = (value ?? {}) as Partial<Request>;
  if (typeof headers?.get !== "function") return false;
  return typeof arrayBuffer === "function" || typeof body?.getReader === "function";
}

/** Where to find the `Request` in what was passed, which is recognized by its shape. */
function requestAdvice(value: unknown): string {
  const { then, req, request = value, node } = (value ?? {}) as Record<string, any>;
  if (typeof then === "function") return `Await it. ${ADVICE}`;
  if (isRequest(req)) return "In h3 2 pass `event.req`.";
  if (node?.req) return "In h3 1 (Nuxt, Nitro 2) use `fromWebHandler(handler)`, or pass `toWebRequest(event)`.";
  if (typeof request?.headers?.get === "function" && typeof request.body?.text === "function") {
    return "In Oak call `verify(await ctx.request.body.text(), ctx.request.headers)`.";
  }
  return ADVICE;
}

const ADVICE =
  "Hono: pass `c.req.raw`. SvelteKit, Astro, Elysia, React Router, TanStack: pass the route's `request`. " +
  "Vercel: `export const POST`, not `export default`." +
  (isUniversal
    ? " Node, Express, Fastify, Koa, hapi, Lambda: see @dealix/webhooks/node, or call `verify(rawBody, req.headers)`."
    : "");

function readBefore(request: RequestLike): WebhookUsageError {
  return new WebhookUsageError(
    "body_parsed",
    "Something else has read the Request's body, or is reading it.",
    "Verify before anything else reads it, and use the event that this returns. " +
      "Hono: `verify(await c.req.text(), c.req.raw.headers)` works even after `c.req.json()`. " +
      'Elysia: name `request` and not `body` in the handler, or set `parse: "none"`.',
    { received: describe(request) },
  );
}

/**
 * A request's body as bytes. A body that is refused is not read to its end. Rejects with `ECONNRESET` if the client
 * hangs up.
 */
export async function readBody(request: RequestLike, limits: BodyLimits): Promise<Uint8Array> {
  const stream = request.body as MaybeStream;
  if (request.bodyUsed || stream?.locked) throw readBefore(request);
  return collectBody(limits, request.headers.get("content-length"), (body) => {
    const reader = typeof stream?.getReader === "function" ? stream.getReader() : undefined;
    const reading = reader ? readChunks(reader, body) : readWhole(request, body);
    reading.then(
      () => body.end(),
      (error) => body.fail(failureOf(error, limits.maxBodyBytes)),
    );
    // Not awaited: a stream may take long to end, or never do so.
    return () => void reader?.cancel().catch(() => {});
  });
}

function failureOf(error: any, maxBodyBytes: number): Error {
  if (error instanceof WebhookUsageError) return error;
  // SvelteKit reports its own limit in this way.
  if (isUniversal && error?.status === 413) return refusedByHost(maxBodyBytes);
  // Any other error means that the stream broke off.
  return new HungUp(error);
}

async function readChunks(reader: ReadableStreamDefaultReader, body: ArrivingBody): Promise<void> {
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
    body.add(chunkBytes(value));
  }
}

/**
 * For no body, or one that can only be measured once it is read: in Firefox, which has no request streams, or with
 * node-fetch.
 */
async function readWhole(request: RequestLike, body: ArrivingBody): Promise<void> {
  body.add(new Uint8Array(await request.arrayBuffer()));
}

/** A custom stream may contain anything; text is no longer the bytes that arrived. */
function chunkBytes(chunk: unknown): Uint8Array {
  const content = bodyContent(chunk as Uint8Array);
  if (typeof content !== "string") return content;
  throw new WebhookUsageError(
    "body_parsed",
    "The body is a stream of text, not of the bytes that arrived.",
    "Pass the original request.",
  );
}
