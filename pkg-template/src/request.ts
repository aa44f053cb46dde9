import { bodyBuffer } from "./body-buffer.js";
import { bodyContent, parsedBody } from "./body.js";
import { describe, WebhookUsageError, WebhookVerificationError } from "./errors.js";

/** 1 MiB. */
export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/** Refuses what is no `Request`, of any realm: a framework's context or Node's request, say. */
export function assertRequest(request: unknown): void {
  if (typeof (request as Partial<Request> | null | undefined)?.headers?.get === "function") return;
  const received = describe(request);
  throw new WebhookUsageError(
    "not_a_request",
    `What should be a web \`Request\` is ${received}.`,
    "Hono: pass `c.req.raw`. SvelteKit, Astro: pass the `request` of what the route is given. Node, Express, Fastify: see " +
      "@dealix/webhooks/node, or call `verify(rawBody, req.headers)`.",
    { received },
  );
}

/** A request's body as bytes; one that is too long is not read to its end. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  assertRequest(request);
  if (request.bodyUsed || request.body?.locked) throw parsedBody(request);
  if (Number(request.headers.get("content-length")) > maxBytes) throw bodyTooLarge(maxBytes);
  if (!request.body) {
    // No body, or a browser without request streams (Firefox), which can only be measured once it is read.
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes);
    return bytes;
  }
  const reader = request.body.getReader();
  const body = bodyBuffer(maxBytes);
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return body.bytes();
    if (body.add(chunkBytes(value))) continue;
    // Not awaited: a stream may take its time to end, or never do.
    reader.cancel().catch(() => {});
    throw bodyTooLarge(maxBytes);
  }
}

/** A stream that somebody put together may hold anything; text has lost its bytes. */
function chunkBytes(chunk: unknown): Uint8Array {
  const content = bodyContent(chunk as Uint8Array);
  if (typeof content !== "string") return content;
  throw new WebhookUsageError("body_parsed", "The body is a stream of text, not of the bytes that arrived.", "Pass the request as it came.");
}

export function bodyTooLarge(maxBodyBytes: number): WebhookVerificationError {
  return new WebhookVerificationError(
    "body_too_large",
    `The body is over ${maxBodyBytes} bytes.`,
    "Raise `maxBodyBytes` if your events are that large.",
    { maxBodyBytes },
  );
}
