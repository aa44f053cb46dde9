import { bodyBuffer, type BodyBuffer } from "./body-buffer.js";
import { bodyContent, parsedBody } from "./body.js";
import { describe, WebhookUsageError } from "./errors.js";

/** Refuses what is no `Request`, of any realm: a framework's context or Node's request, say. */
export function assertRequest(request: unknown): void {
  if (typeof (request as Partial<Request> | null | undefined)?.headers?.get === "function") return;
  const received = describe(request);
  throw new WebhookUsageError(
    "not_a_request",
    `What should be a web \`Request\` is ${received}.`,
    "Hono: pass `c.req.raw`. SvelteKit, Astro: pass the route's `request`. Node, Express, Fastify: see " +
      "@dealix/webhooks/node, or call `verify(rawBody, req.headers)`.",
    { received },
  );
}

/** A request's body as bytes; one that is too long is not read to its end. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  assertRequest(request);
  if (request.bodyUsed || request.body?.locked) throw parsedBody(request);
  const body = bodyBuffer(maxBytes, request.headers.get("content-length"));
  if (request.body) await readChunks(request.body.getReader(), body);
  // No body, or a browser without request streams (Firefox), which can only be measured once it is read.
  else body.add(new Uint8Array(await request.arrayBuffer()));
  return body.bytes();
}

async function readChunks(reader: ReadableStreamDefaultReader, body: BodyBuffer): Promise<void> {
  try {
    for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) body.add(chunkBytes(value));
  } catch (error) {
    // Not awaited: a stream may take its time to end, or never do.
    reader.cancel().catch(() => {});
    throw error;
  }
}

/** A stream that somebody put together may hold anything; text has lost its bytes. */
function chunkBytes(chunk: unknown): Uint8Array {
  const content = bodyContent(chunk as Uint8Array);
  if (typeof content !== "string") return content;
  throw new WebhookUsageError("body_parsed", "The body is a stream of text, not of the bytes that arrived.", "Pass the request as it came.");
}
