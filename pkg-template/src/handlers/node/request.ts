import { describe, WebhookUsageError } from "../../errors.js";
import type { HeadersRecord } from "../../input/headers.js";

/** The parts of a request that are used: `http.IncomingMessage`, or what a framework or a host makes of it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly headers: HeadersRecord;
}

/** A framework's wrapper around Node's request: Fastify's (`raw`), Koa's context and its request (`req`). */
export type WrappedRequest = { readonly raw: NodeRequest } | { readonly req: NodeRequest };

/** The parts of a response that are used: `http.ServerResponse`, or what a framework or a host makes of it. */
export interface NodeResponse {
  statusCode: number;
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  end(): unknown;
  flushHeaders?(): void;
  /** HTTP/2 only. */
  readonly stream?: { close?(): void };
}

/** Fastify's reply around Node's response. */
export interface WrappedResponse {
  readonly raw: NodeResponse;
  hijack(): unknown;
}

/** A request with its stream and the stream's state. A host may omit any of it. */
export interface RequestStream extends NodeRequest {
  readonly body?: unknown;
  readonly rawBody?: unknown;
  readonly httpVersionMajor?: number;
  readonly complete?: boolean;
  readonly destroyed?: boolean;
  readonly aborted?: boolean;
  readonly readableDidRead?: boolean;
  readonly readableEnded?: boolean;
  readonly readableFlowing?: boolean | null;
  /** Set by body-parser. */
  readonly _body?: unknown;
  on(event: string, listener: (value: never) => void): unknown;
  removeListener(event: string, listener: (value: never) => void): unknown;
  listenerCount(event: string): number;
  resume(): unknown;
  pause(): unknown;
  destroy?(): unknown;
}

/** Finds Node's own request in what was passed. */
export function nodeRequest(request: NodeRequest | WrappedRequest): RequestStream {
  if (typeof request !== "object" || request === null) throw notARequest(describe(request));
  const elsewhere = otherAdvice(request);
  if (elsewhere !== null) throw notARequest(describe(request), elsewhere);
  const { raw, req } = request as { raw?: RequestStream; req?: RequestStream };
  for (const one of [req, raw, request as RequestStream]) if (isRequest(one)) return one;
  throw notARequest(describe(request));
}

/** Recognized by its headers: an application may keep anything else in a request's `raw`, such as the body's bytes. */
function isRequest(value: RequestStream | undefined): value is RequestStream {
  return typeof value?.headers === "object" && value.headers !== null;
}

/** The error for anything that is not a request, or that came without its response. */
export function notARequest(received: string, advice = NODE_ADVICE): WebhookUsageError {
  const seen = `Expected a Node request and its response, got ${received}.`;
  return new WebhookUsageError("not_a_request", seen, advice, { received });
}

const NODE_ADVICE =
  "Pass Node's own pair: `(req, res)` in node:http, Express, Connect and Next; " +
  "`(request.raw, reply.raw)` after `reply.hijack()` in Fastify; `(ctx.req, ctx.res)` after `ctx.respond = false` in Koa.";

/** What to do with something that only resembles Node's request, recognized by its shape; null for anything else. */
function otherAdvice(value: object): string | null {
  if (typeof (value as Partial<RequestStream>).on === "function") return null;
  const { headers, node, req, request, raw, requestContext, httpMethod } = value as Record<string, any>;
  if (node?.req) {
    return (
      "In h3 1 (Nuxt, Nitro 2) pass `event.node.req` and `event.node.res`; " +
      `or ${USE_FETCH} with \`toWebRequest(event)\`.`
    );
  }
  if (isFetchHeaders(req?.headers)) return `In h3 2 ${USE_FETCH} with \`event.req\`.`;
  if (isFetchHeaders(req?.raw?.headers)) return `In Hono ${USE_FETCH} with \`c.req.raw\`.`;
  if (isFetchHeaders((request ?? value).headers) && typeof (request ?? value).body?.text === "function") {
    return (
      "In Oak call `webhook.verify(await ctx.request.body.text(), ctx.request.headers)`, " +
      'with `Webhook` from "@dealix/webhooks".'
    );
  }
  if (isFetchHeaders(request?.headers))
    return `In SvelteKit, Astro and Elysia ${USE_FETCH} with the route's \`request\`.`;
  if (isFetchHeaders(headers)) return `For a Request of the Fetch API ${USE_FETCH}, or \`verifyRequest\`.`;
  if (raw?.req && typeof raw.on !== "function") {
    return (
      'In hapi give the route `payload: { output: "data", parse: false }` and call ' +
      '`webhook.verify(request.payload, request.headers)`, with `Webhook` from "@dealix/webhooks".'
    );
  }
  return (requestContext || httpMethod) && typeof raw?.on !== "function"
    ? "For a Lambda event use `lambdaHandler`, or `verifyLambda`."
    : null;
}

const USE_FETCH = 'use `fetchHandler` from "@dealix/webhooks"';

function isFetchHeaders(headers: unknown): boolean {
  return typeof (headers as Headers | undefined)?.get === "function";
}
