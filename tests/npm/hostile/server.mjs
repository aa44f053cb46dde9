// One receiver for hostile.test.mjs: `server.mjs <adapter> <protocol>`. Tells its port to the process that forked it,
// and on a message its memory.
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { fetchHandler } from "@dealix/webhooks";
import { nodeHandler } from "@dealix/webhooks/node";
import { PATH, SECRET } from "../support/http.mjs";
import * as tls from "../support/self-signed.mjs";
import { LIMITS } from "./limits.mjs";

const [, , adapter, protocol] = process.argv;
const isHttp2 = protocol.startsWith("HTTP/2");
const isSecure = protocol.endsWith("TLS");

/** The response to the current request, for an event that begins a response itself. */
const responses = new AsyncLocalStorage();
const options = { secret: SECRET, onEvent, onError() {}, ...LIMITS };
const handler = () => nodeHandler(options);

function onEvent({ type }) {
  if (type === "deal.lost") throw new Error("mine");
  if (type !== "reply.received") return;
  responses.getStore().write("half");
  throw new Error("mine");
}

function serve(listener) {
  if (isHttp2) return isSecure ? createSecureServer(tls, listener) : createHttp2Server(listener);
  return isSecure ? createTlsServer(tls, listener) : createServer(listener);
}

const adapters = {
  node() {
    const receive = handler();
    return serve((request, response) => responses.run(response, () => receive(request, response, quietly(response))));
  },
  async "Express 5"() {
    const { default: express } = await import("express");
    return serve(express().post(PATH, handler()).use(reported));
  },
  async "Express 4"() {
    const { default: express } = await import("express-4");
    return serve(express().post(PATH, handler()).use(reported));
  },
  async Connect() {
    const { default: connect } = await import("connect");
    return serve(connect().use(PATH, handler()).use(reported));
  },
  async Koa() {
    const { default: Koa } = await import("koa");
    const receive = handler();
    const app = new Koa();
    // Koa logs each client that hangs up before its response is complete.
    app.silent = true;
    app.use(async (ctx) => {
      ctx.respond = false;
      await receive(ctx.req, ctx.res, quietly(ctx.res));
    });
    return serve(app.callback());
  },
  async Fastify() {
    const { default: Fastify } = await import("fastify");
    const app = Fastify({ ...(isHttp2 && { http2: true }), ...(isSecure && { https: tls }) });
    app.post(PATH, { onRequest: handler() }, () => {});
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
  async NestJS() {
    await import("reflect-metadata");
    const { Module } = await import("@nestjs/common");
    const { NestFactory } = await import("@nestjs/core");
    class AppModule {}
    Module({})(AppModule);
    const app = await NestFactory.create(AppModule, { logger: false });
    app.use(PATH, handler());
    await app.listen(0, "127.0.0.1");
    return app.getHttpServer();
  },
  /** The server for the Fetch API that Bun and Deno have. */
  "its own server"() {
    const { Bun, Deno } = globalThis;
    const fetch = fetchHandler(options);
    const failed = () => new Response(null, { status: 500 });
    const where = { port: 0, hostname: "127.0.0.1" };
    const { port } = Bun
      ? Bun.serve({ ...where, fetch, error: failed })
      : Deno.serve({ ...where, ...(isSecure && tls), onListen() {}, onError: failed }, fetch).addr;
    return { listening: true, address: () => ({ port }) };
  },
  async Hono() {
    const { getRequestListener } = await import("@hono/node-server");
    return serve(getRequestListener(fetchHandler(options)));
  },
};

/** A `next` that says nothing: what onEvent throws is the test's own. */
function quietly(response) {
  return () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  };
}

function reported(_error, _request, response, _next) {
  quietly(response)();
}

const server = await adapters[adapter]();
if (!server.listening) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}
process.on("message", async () => {
  // Finished requests are released within a turn or two.
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await wait(20);
  }
  process.send({ rss: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit());
process.send({ port: server.address().port });
