import { bodyLimits } from "../../input/reading/limits.js";
import { atCaller, describe } from "../../errors.js";
import { Webhook } from "../../index.js";
import { answer, type Pair } from "./answer.js";
import { nodeRequest, notARequest, type NodeRequest, type NodeResponse, type WrappedRequest, type WrappedResponse } from "./request.js";
import { readRawBody } from "./raw-body.js";
import { assertHeader, handlerParts, type HandlerOptions } from "../receive.js";

/** A request handler of Node's, and a middleware where there is a `next`. */
export type NodeHandler = (
  request: NodeRequest | WrappedRequest,
  response: NodeResponse | WrappedResponse,
  next?: (error?: any) => unknown,
) => Promise<void>;

/**
 * A receiver for node:http, Express, Connect, Fastify, Koa, NestJS and Next's pages router, to stand before any parser,
 * or where the host keeps `req.rawBody`. Answers 204 once `onEvent` is done, and a bare 4xx to what is no genuine delivery; 503 where
 * too many bodies arrive at once.
 *
 * What `onEvent` throws, and `body_parsed`, go to `next`, or to Fastify; where there is neither they are written to
 * `console.error` and answered with a bare 500.
 *
 * ```js
 * app.post("/webhooks/dealix", nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent }));
 * ```
 */
export function nodeHandler(options: HandlerOptions): NodeHandler {
  const { receive, webhookOptions, webhook } = atCaller(nodeHandler, () => handlerParts(options, Webhook));
  const limits = bodyLimits(webhookOptions);

  async function handle(...[request, response, next]: Parameters<NodeHandler>): Promise<void> {
    const pair = { request: nodeRequest(request), response: nodeResponse(response) };
    const { method, headers } = pair.request;
    try {
      const send = await receive({
        method,
        async verify() {
          assertHeader(webhook, headers);
          return webhook.verify(await readRawBody(request, limits), headers);
        },
        answer: (status, headers) => () => answer(pair, status, headers),
      });
      hijack(response);
      send();
    } catch (error) {
      const failure = asError(error);
      // Fastify's error handler is behind the promise.
      if (isReply(response)) throw failure;
      if (typeof next === "function") return void next(failure);
      console.error(failure);
      fail(pair);
    }
  }
  // No async function: Fastify refuses one that has a third parameter.
  return (request, response, next) => handle(request, response, next);
}

/** `next(undefined)` and `next("route")` go on to the next route: a 404, after which Dealix does not try again. */
function asError(thrown: unknown): unknown {
  if (typeof thrown === "object" && thrown !== null) return thrown;
  return new Error(`What onEvent or onError threw is ${describe(thrown)}, not an Error.`, { cause: thrown });
}

/** Where half an answer is on its way, to break it off is all that tells the client. */
function fail(pair: Pair): void {
  const { response } = pair;
  if (!response.headersSent) return answer(pair, 500);
  const { writableEnded, destroy } = response as { writableEnded?: boolean; destroy?(): unknown };
  if (!writableEnded) destroy?.call(response);
}

/** Keeps Fastify from answering too. */
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
