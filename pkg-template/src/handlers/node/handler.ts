import { atCaller, describe } from "../../errors.js";
import { bodyLimits } from "../../input/reading/limits.js";
import { assertHeader, handlerParts, type HandlerOptions } from "../receive.js";
import { readRawBody } from "./raw-body.js";
import {
  nodeRequest,
  notARequest,
  type NodeRequest,
  type NodeResponse,
  type WrappedRequest,
  type WrappedResponse,
} from "./request.js";
import { respond, type Pair } from "./respond.js";

/** A Node request handler, which is also a middleware when it gets a `next`. */
export type NodeHandler = (
  request: NodeRequest | WrappedRequest,
  response: NodeResponse | WrappedResponse,
  next?: (error?: any) => unknown,
) => Promise<void>;

/**
 * A receiver for node:http, Express, Connect, Fastify, Koa, NestJS and Next's pages router. Put it before any parser,
 * or use it where the host keeps `req.rawBody`. It responds 204 once `onEvent` is done, with a bare 4xx to anything
 * that is not a genuine delivery, and 503 when too many bodies arrive at once.
 *
 * What `onEvent` throws, and `body_parsed`, go to `next` or to Fastify. Without either, they are written to
 * `console.error` and the response is a bare 500.
 *
 * ```js
 * app.post("/webhooks/dealix", nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent }));
 * ```
 */
export function nodeHandler(options: HandlerOptions): NodeHandler {
  const { receive, webhook, webhookOptions } = atCaller(nodeHandler, () => handlerParts(options));
  const limits = bodyLimits(webhookOptions);

  async function handle(...[request, response, next]: Parameters<NodeHandler>): Promise<void> {
    const pair = { request: nodeRequest(request), response: nodeResponse(response) };
    const { method, headers } = pair.request;
    try {
      const send = await receive({
        method,
        async verify() {
          assertHeader(webhook, headers);
          return webhook.verify(await readRawBody(request, pair.request, limits), headers);
        },
        respond: (status, headers) => () => respond(pair, status, headers),
      });
      hijack(response);
      send();
    } catch (error) {
      const failure = asError(error);
      // Fastify's error handler gets the rejection.
      if (isReply(response)) throw failure;
      if (typeof next === "function") return void next(failure);
      console.error(failure);
      fail(pair);
    }
  }
  // Not an async function: Fastify refuses one with a third parameter.
  return (request, response, next) => handle(request, response, next);
}

/**
 * `next(undefined)` and `next("route")` continue with the next route, which ends in a 404, after which Dealix does not
 * retry.
 */
function asError(thrown: unknown): unknown {
  if (typeof thrown === "object" && thrown !== null) return thrown;
  return new Error(`What onEvent or onError threw is ${describe(thrown)}, not an Error.`, { cause: thrown });
}

/** If a response has been sent in part, only breaking it off tells the client that something failed. */
function fail(pair: Pair): void {
  const { response } = pair;
  if (!response.headersSent) {
    respond(pair, 500);
    return;
  }
  const { writableEnded, destroy } = response as { writableEnded?: boolean; destroy?(): unknown };
  if (!writableEnded) destroy?.call(response);
}

/** Keeps Fastify from responding too. */
function hijack(response: NodeResponse | WrappedResponse): void {
  if (isReply(response)) response.hijack();
}

function isReply(response: NodeResponse | WrappedResponse): response is WrappedResponse {
  return typeof (response as WrappedResponse).hijack === "function";
}

function nodeResponse(response: NodeResponse | WrappedResponse): NodeResponse {
  const inner = typeof response === "object" && response !== null && isReply(response) ? response.raw : response;
  if (typeof (inner as NodeResponse | null)?.setHeader === "function") return inner as NodeResponse;
  throw notARequest(`a request, and as its response ${describe(response)}`);
}
