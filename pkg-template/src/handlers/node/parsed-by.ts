import { missingBody } from "../../input/body.js";
import { describe, WebhookUsageError, WebhookVerificationError } from "../../errors.js";
import { hasOtherType } from "../../input/headers.js";
import type { NodeRequest, RequestStream, WrappedRequest } from "./request.js";

/** The code that preserves the raw body, by framework. */
const FIXES = {
  express:
    'Express: put `app.post("/webhooks/dealix", nodeHandler({ secret, onEvent }))` above `app.use(express.json())`, ' +
    "or let the parser keep the bytes: " +
    '`express.json({ limit: "1mb", verify: (req, res, bytes) => { req.rawBody = bytes; } })`.',
  fastify:
    "Fastify: run nodeHandler before the parser: " +
    '`app.post("/webhooks/dealix", { onRequest: nodeHandler({ secret, onEvent }) }, () => {})`.',
  koa:
    "Koa: put nodeHandler above `app.use(bodyParser())`: `app.use(async (ctx, next) => { " +
    'if (ctx.path !== "/webhooks/dealix") return next(); ctx.respond = false; await handler(ctx.req, ctx.res); })`.',
  nest:
    "NestJS: `NestFactory.create(AppModule, { rawBody: true })`; " +
    "nodeHandler and `rawBody` then find `request.rawBody`.",
  vercel:
    "Vercel: `export const POST = fetchHandler({ secret, onEvent });`, with `fetchHandler` from " +
    '"@dealix/webhooks", instead of the default export; or nodeHandler before anything else reads the request.',
  next: "Next.js: add `export const config = { api: { bodyParser: false } };` to this file of pages/api.",
  node:
    "Call nodeHandler, or `rawBody`, before anything else reads the request: " +
    "in Connect above `app.use(bodyParser.json())`, " +
    'in hapi on a route with `payload: { output: "stream", parse: false }`.',
};

/**
 * The error for a body that something else has read, with the fix for the framework in use. A request with a content
 * type that no delivery has is refused: anybody can send a form to an endpoint that parses forms, and that is not the
 * receiver's mistake.
 */
export function parsedBefore(
  request: NodeRequest | WrappedRequest,
  stream: RequestStream,
  body: unknown,
  use = "was read",
): WebhookUsageError | WebhookVerificationError {
  if (hasOtherType(stream.headers)) return new WebhookVerificationError("signature_mismatch", ...missingBody(body));
  const seen =
    body === undefined
      ? `Something else got to the request first: its stream ${use}.`
      : `A parser came first: the request's body is ${describe(body)}, not the bytes that arrived, ` +
        "which are what the signature covers.";
  const received = body === undefined ? `a stream that ${use}` : describe(body);
  return new WebhookUsageError("body_parsed", seen, fixFor(request, stream), { received });
}

function fixFor(request: NodeRequest | WrappedRequest, stream: RequestStream): string {
  const framework = frameworkOf(request, stream);
  const isNestLikely = typeof (Reflect as { getMetadata?: unknown }).getMetadata === "function";
  // Nest wraps either of the two, and is recognizable only by the metadata that its decorators need.
  if (isNestLikely && (framework === "express" || framework === "fastify")) return `${FIXES.nest} ${FIXES[framework]}`;
  return FIXES[framework];
}

function frameworkOf(request: NodeRequest | WrappedRequest, stream: RequestStream): keyof typeof FIXES {
  if ("draftMode" in stream || "previewData" in stream) return "next";
  if (typeof (stream as { app?: unknown }).app === "function") return "express";
  if ("query" in stream && "cookies" in stream) return "vercel";
  const listeners = listenerNames(stream);
  if ("raw" in request || listeners.includes("preRouting")) return "fastify";
  if ("req" in request || listeners.includes("handleRequest")) return "koa";
  return "node";
}

/** Node's own request does not mention Fastify or Koa, but the server it came through does. */
function listenerNames(stream: RequestStream): string[] {
  const { server } =
    (stream as { socket?: { server?: { listeners?(event: string): { name?: string }[] } } }).socket ?? {};
  return server?.listeners?.("request").map(({ name = "" }) => name) ?? [];
}
