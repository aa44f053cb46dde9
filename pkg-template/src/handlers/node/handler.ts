import { atCaller } from "../../errors.js";
import type { HeadersRecord } from "../../input/headers.js";
import type { HandlerOptions, NotInferred } from "../options.js";
import { handlerOf } from "../receive.js";
import { exchangeOf, type Send } from "./exchange.js";
import { errorOf, fail } from "./failure.js";
import type { NodeRequest, NodeResponse, WrappedRequest, WrappedResponse } from "./request.js";
import { isReply } from "./response.js";

/** A Node request handler, which is also a middleware when it gets a `next`. */
export type NodeHandler<Request = NodeRequest | WrappedRequest> = (
  request: Request,
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
export function nodeHandler<Req extends NodeRequest | WrappedRequest = NodeRequest | WrappedRequest>(
  options: HandlerOptions<Req, HeadersRecord>,
): NodeHandler<NotInferred<Req>> {
  const receive = atCaller(nodeHandler, () => handlerOf(options));

  async function handle(...[request, response, next]: Parameters<NodeHandler<Req>>): Promise<void> {
    const { pair, exchange } = exchangeOf(request, response);
    try {
      const send: Send = await receive(exchange);
      // Keeps Fastify from responding too.
      if (isReply(response)) response.hijack();
      send();
    } catch (error) {
      const failure = errorOf(error);
      // Fastify's error handler gets the rejection.
      if (isReply(response)) throw failure;
      if (typeof next === "function") return void next(failure);
      console.error(failure);
      fail(pair);
    }
  }
  // Not an async function: Fastify refuses one with a third parameter.
  return (request, response, next) => handle(request as Req, response, next);
}
