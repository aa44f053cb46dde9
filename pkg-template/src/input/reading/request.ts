import type { BodyLimits } from "./limits.js";
import { bodyContent } from "../body.js";
import { collectBody, type ArrivingBody } from "./collect.js";
import { describe, WebhookUsageError } from "../../errors.js";
import { HungUp } from "./hung-up.js";

/** Refuses what is no `Request`, of any realm: a framework's context or Node's request, say. */
export function assertRequest(request: unknown): void {
  if (isRequest(request)) return;
  const received = describe(request);
  throw new WebhookUsageError("not_a_request", `What should be a web \`Request\` is ${received}.`, requestAdvice(request), { received });
}

/** Recognized by what is used of it, since other things have `Headers` too. */
function isRequest(value: unknown): boolean {
  const { headers, arrayBuffer, body } = (value ?? {}) as Partial<Request>;
  return typeof headers?.get === "function" && (typeof arrayBuffer === "function" || typeof body?.getReader === "function");
}

/** Where to find the `Request` in what was passed, recognized by its shape. */
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
  "Hono: pass `c.req.raw`. SvelteKit, Astro, Elysia: pass the route's `request`. Node, Express, Fastify, Koa, hapi, Lambda: see " +
  "@dealix/webhooks/node, or call `verify(rawBody, req.headers)`.";

function readBefore(request: Request): WebhookUsageError {
  return new WebhookUsageError(
    "body_parsed",
    "Something has read the Request's body, or is reading it.",
    "Verify before anything else reads it, and use the event. Hono: `verify(await c.req.text(), c.req.raw.headers)` works even after " +
      '`c.req.json()`. Elysia: name `request` and not `body` in the handler, or set `parse: "none"`.',
    { received: describe(request) },
  );
}

/** A request's body as bytes; one that is refused is not read to its end. Rejects with `ECONNRESET` where the client hangs up. */
export async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked) throw readBefore(request);
  return collectBody(limits, request.headers.get("content-length"), (body) => {
    const reader = typeof request.body?.getReader === "function" ? request.body.getReader() : undefined;
    const reading = reader ? readChunks(reader, body) : readWhole(request, body);
    // Anything else that a stream throws means that it broke off.
    reading.then(body.end, (error) => body.fail(error instanceof WebhookUsageError ? error : new HungUp(error)));
    // Not awaited: a stream may take its time to end, or never do.
    return () => void reader?.cancel().catch(() => {});
  });
}

async function readChunks(reader: ReadableStreamDefaultReader, body: ArrivingBody): Promise<void> {
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) body.add(chunkBytes(value));
}

/** No body, or one that can only be measured once it is read: in a browser without request streams (Firefox), or with node-fetch. */
async function readWhole(request: Request, body: ArrivingBody): Promise<void> {
  body.add(new Uint8Array(await request.arrayBuffer()));
}

/** A stream that somebody put together may hold anything; text has lost its bytes. */
function chunkBytes(chunk: unknown): Uint8Array {
  const content = bodyContent(chunk as Uint8Array);
  if (typeof content !== "string") return content;
  throw new WebhookUsageError("body_parsed", "The body is a stream of text, not of the bytes that arrived.", "Pass the request as it came.");
}
