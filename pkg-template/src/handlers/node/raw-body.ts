import { bodyContent, type Body } from "../../input/body.js";
import { byteLength } from "../../input/byte-length.js";
import { announceNoBody } from "../../input/headers.js";
import { knownOptions } from "../../input/options.js";
import { HungUp } from "../../input/reading/hung-up.js";
import { bodyLimits, bodyTooLarge, type BodyLimits, type BodyOptions } from "../../input/reading/limits.js";
import { parsedBefore } from "./parsed-by.js";
import { playedBack } from "./played-back.js";
import { readStream } from "./read-stream.js";
import { nodeRequest, notARequest, type NodeRequest, type RequestStream, type WrappedRequest } from "./request.js";

export type RawBodyOptions = Pick<BodyOptions, "maxBodyBytes" | "bodyTimeoutSeconds">;

/**
 * The body of a Node request exactly as it arrived: what the host left in `req.rawBody`, or in `req.body` as text or
 * bytes. Otherwise the stream is read. Takes Fastify's request and Koa's context too.
 *
 * Throws `WebhookUsageError` `body_parsed` at once if a parser came first, with the fix for the framework in use, and
 * `WebhookVerificationError` `body_too_large` over `maxBodyBytes` and `body_timeout` after `bodyTimeoutSeconds`.
 * Rejects with `ECONNRESET` if the client hangs up.
 *
 * ```js
 * const event = webhook.verify(await rawBody(req), req.headers);
 * ```
 */
export async function rawBody(request: NodeRequest | WrappedRequest, options: RawBodyOptions = {}): Promise<Body> {
  const limits = bodyLimits(knownOptions(options, { maxBodyBytes: undefined, bodyTimeoutSeconds: undefined }));
  return readRawBody(request, nodeRequest(request), limits);
}

/** `rawBody` for a handler, which has found Node's own request and checked its limits already. */
export function readRawBody(
  request: NodeRequest | WrappedRequest,
  stream: RequestStream,
  limits: BodyLimits,
): Body | Promise<Body> {
  const playback = playedBack(stream);
  if (playback !== null) return readStream(playback, limits);
  // The `body` of Koa's context is the response's; the request's is on `ctx.request`.
  const wrapper = ((request as { request?: unknown }).request ?? request) as RequestStream;
  const use = typeof stream.on === "function" ? useOf(stream) : "is missing";
  const kept = [stream, wrapper].flatMap((one) => keptBodies(one, use === null));
  const raw = kept.find(isRaw);
  if (raw !== undefined) return withinLimit(raw, limits.maxBodyBytes);
  const parsed = kept.find((body) => !isEmpty(body));
  if (parsed !== undefined) throw parsedBefore(request, stream, parsed);
  if (typeof stream.on !== "function") throw notARequest("a request without a body and without a stream");
  if (stream.aborted) throw new HungUp();
  if (use === null) return readStream(stream, limits);
  // A request that had no body was not parsed: its stream may have ended unnoticed.
  if ((stream.httpVersionMajor ?? 1) < 2 && announceNoBody(stream.headers)) return new Uint8Array();
  throw parsedBefore(request, stream, undefined, use);
}

/**
 * What parsers leave, the raw body first. A getter parses when it is read; until then the stream has all that arrived.
 */
function keptBodies(request: RequestStream, isUnread: boolean): unknown[] {
  const isLazy = Object.getOwnPropertyDescriptor(request, "body")?.get !== undefined;
  return [property(request, "rawBody"), isLazy && isUnread ? undefined : property(request, "body")];
}

function property(request: RequestStream, name: "body" | "rawBody"): unknown {
  let value: unknown;
  try {
    value = request[name];
  } catch {
    // A getter that parses throws on bad JSON. The stream's state then tells what is left to read.
  }
  return value;
}

function isRaw(body: unknown): body is Body {
  return (
    typeof body === "string" ||
    ArrayBuffer.isView(body) ||
    Object.prototype.toString.call(body) === "[object ArrayBuffer]"
  );
}

/** Express 4 leaves `{}` if its parsers did not touch the body. */
function isEmpty(body: unknown): boolean {
  if (body === undefined || body === null) return true;
  return typeof body === "object" && Object.keys(body).length === 0 && !Array.isArray(body);
}

function withinLimit(body: Body, limit: number): Body {
  if (byteLength(bodyContent(body), limit) > limit) throw bodyTooLarge(limit);
  return body;
}

/** What happened to the stream, in words; null if nobody has used it. */
function useOf(stream: RequestStream): string | null {
  if (stream.readableDidRead || stream.readableEnded || stream._body === true) return "was read";
  if (stream.readableFlowing || stream.listenerCount("readable") > 0 || stream.listenerCount("data") > 0)
    return "is being read";
  // If the client hung up the request is incomplete, and reading it reports that.
  return stream.destroyed && stream.complete !== false ? "was destroyed" : null;
}
