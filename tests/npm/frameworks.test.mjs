// nodeHandler in each framework, from npm: with the README's lines, after a parser, and where the host keeps the raw
// body.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import "reflect-metadata";
import Hapi from "@hapi/hapi";
import { bodyParser as koaBodyParser } from "@koa/bodyparser";
import { Controller, Module, Next, Post, Req, Res } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import bodyParser from "body-parser";
import connect from "connect";
import express from "express";
import express4 from "express-4";
import Fastify from "fastify";
import Koa from "koa";
import { Webhook } from "@dealix/webhooks";
import { nodeHandler, rawBody } from "@dealix/webhooks/node";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { manifest } from "./runtimes/process.mjs";
import { consoleErrors, delivery, PATH, SECRET, withServer } from "./support/http.mjs";

const timeout = 30_000;

/** How body-parser keeps the bytes. */
const verify = (req, _res, bytes) => {
  req.rawBody = bytes;
};

const withExpress = (express) => ({
  fix: 'put `app.post("/webhooks/dealix", nodeHandler({ secret, onEvent }))` above `app.use(express.json())`',
  ways: {
    "the README's lines": (handler) => {
      const app = express();
      app.post(PATH, handler);
      app.use(express.json());
      return createServer(app);
    },
    "a raw body kept by the parser": (handler) =>
      createServer(express().use(express.json({ verify })).post(PATH, handler)),
    "express.raw": (handler) => createServer(express().post(PATH, express.raw({ type: () => true }), handler)),
    "express.text": (handler) => createServer(express().post(PATH, express.text({ type: () => true }), handler)),
    "a parser of other types": (handler) =>
      createServer(
        express()
          .use(express.json({ type: "application/x-other" }))
          .post(PATH, handler),
      ),
    "in a router": (handler) => createServer(express().use("/webhooks", express.Router().post("/dealix", handler))),
    rawBody: (_handler, onEvent) =>
      createServer(
        express().post(PATH, (req, res, next) =>
          verifyWithRawBody(req, req.headers, onEvent).then(() => res.status(204).end(), next),
        ),
      ),
  },
  parsed: {
    "express.json()": (handler, report) =>
      createServer(express().use(express.json()).post(PATH, handler).use(reporting(report))),
    "express.json() without next": (handler) =>
      createServer(
        express()
          .use(express.json())
          .post(PATH, (req, res) => handler(req, res)),
      ),
  },
});

const reporting = (report) => (error, _req, res, next) => (
  report(error), res.headersSent ? next(error) : res.writeHead(500).end()
);

const frameworks = {
  "Express 5": withExpress(express),
  "Express 4": withExpress(express4),
  Connect: {
    fix: "in Connect above `app.use(bodyParser.json())",
    ways: {
      "the README's lines": (handler) => createServer(connect().use(PATH, handler).use(bodyParser.json())),
      "a raw body kept by the parser": (handler) =>
        createServer(connect().use(bodyParser.json({ verify })).use(PATH, handler)),
    },
    parsed: {
      "bodyParser.json()": (handler, report) =>
        createServer(connect().use(bodyParser.json()).use(PATH, handler).use(reporting(report))),
    },
  },
  hapi: {
    fix: 'in hapi on a route with `payload: { output: "stream", parse: false }`',
    ways: {
      "the README's lines": (handler) => hapi(handler, { output: "stream", parse: false }),
    },
    parsed: {
      "hapi's parser": (handler) => hapi(handler, {}),
    },
  },
  Fastify: {
    fix: 'run nodeHandler before the parser: `app.post("/webhooks/dealix", { onRequest: nodeHandler({ secret, onEvent }) }, () => {})`',
    ways: {
      "the README's lines": (handler) => fastify((app) => app.post(PATH, { onRequest: handler }, () => {})),
      "raw and raw after hijack": (handler) =>
        fastify((app) =>
          app.post(
            PATH,
            {
              onRequest(request, reply) {
                reply.hijack();
                return handler(request.raw, reply.raw);
              },
            },
            () => {},
          ),
        ),
      "a buffer from the parser": (handler) =>
        fastify((app) => {
          app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
            done(null, body),
          );
          app.post(PATH, (request, reply) => handler(request, reply));
        }),
      "a parser that leaves the stream": (handler) =>
        fastify((app) => {
          app.removeAllContentTypeParsers();
          app.addContentTypeParser("*", (_request, _payload, done) => done(null));
          app.post(PATH, (request, reply) => (reply.hijack(), handler(request.raw, reply.raw)));
        }),
      rawBody: (_handler, onEvent) =>
        fastify((app) => {
          app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) =>
            done(null, body),
          );
          app.post(PATH, async (request, reply) => {
            await verifyWithRawBody(request, request.headers, onEvent);
            return reply.code(204).send();
          });
        }),
    },
    parsed: {
      "Fastify's parser": (handler, report) =>
        fastify((app) => app.addHook("onError", async (_request, _reply, error) => report(error)).post(PATH, handler)),
      "Fastify's parser, raw": (handler) =>
        fastify((app) => app.post(PATH, (request, reply) => (reply.hijack(), handler(request.raw, reply.raw)))),
    },
  },
  Koa: {
    fix: 'if (ctx.path !== "/webhooks/dealix") return next(); ctx.respond = false; await handler(ctx.req, ctx.res);',
    ways: {
      "the README's lines": (handler) =>
        koa((app) => app.use(onPath((ctx) => handler(ctx.req, ctx.res))).use(koaBodyParser())),
      "the raw text that @koa/bodyparser keeps, by the context": (handler) =>
        koa((app) => app.use(koaBodyParser()).use(onPath((ctx) => handler(ctx, ctx.res)))),
      "the raw text that @koa/bodyparser keeps, by the request": (handler) =>
        koa((app) => app.use(koaBodyParser()).use(onPath((ctx) => handler(ctx.request, ctx.res)))),
      rawBody: (_handler, onEvent) =>
        koa((app) =>
          app.use(async (ctx) => {
            await verifyWithRawBody(ctx, ctx.headers, onEvent);
            ctx.status = 204;
          }),
        ),
    },
    parsed: {
      "@koa/bodyparser": (handler) =>
        koa((app) => app.use(koaBodyParser()).use(onPath((ctx) => handler(ctx.req, ctx.res)))),
      "a parser that keeps no text": (handler) =>
        koa((app) => {
          app.use(async (ctx, next) => {
            ctx.request.body = JSON.parse(Buffer.concat(await ctx.req.toArray()).toString());
            await next();
          });
          app.use(onPath((ctx) => handler(ctx, ctx.res)));
        }),
    },
  },
  "NestJS on Express": {
    fix: "`NestFactory.create(AppModule, { rawBody: true })`",
    ways: {
      "the README's lines": (handler) => nest(handler, { rawBody: true }),
      "a middleware above the parser": (handler) =>
        nest(
          () => {
            throw new Error("the controller's");
          },
          {},
          (app) => app.use(PATH, handler),
        ),
      "no parser": (handler) => nest(handler, { bodyParser: false }),
    },
    parsed: { "Nest's parser": (handler, report) => nest(handler, { logger: { log() {}, warn() {}, error: report } }) },
  },
  "NestJS on Fastify": {
    fix: "`NestFactory.create(AppModule, { rawBody: true })`",
    ways: { "rawBody: true": (handler) => nest(handler, { rawBody: true }, undefined, new FastifyAdapter()) },
    parsed: {
      "Nest's parser": (handler, report) =>
        nest(handler, { logger: { log() {}, warn() {}, error: report } }, undefined, new FastifyAdapter()),
    },
  },
};

/** What the rows of docs/frameworks.md say beside the fix; `parser` is the typical mistake's. */
const rows = {
  "Express 5": { from: "express", parser: "express.json()", mistake: "`app.use(express.json())` above the route" },
  "Express 4": {
    from: "express-4",
    parser: "express.json()",
    mistake: "`app.use(express.json())` above the route",
    example: "express/receiver.mjs",
  },
  Fastify: { from: "fastify", parser: "Fastify's parser", mistake: "the handler as the route's, not as `onRequest`" },
  Koa: {
    from: "koa",
    parser: "@koa/bodyparser",
    mistake: "`app.use(bodyParser())` above the handler",
    says: "put nodeHandler above `app.use(bodyParser())`",
  },
  hapi: {
    from: "@hapi/hapi",
    parser: "hapi's parser",
    mistake: "a route without `parse: false`",
    example: "hapi/receiver.mjs",
  },
  "NestJS on Express": {
    from: "@nestjs/core",
    parser: "Nest's parser",
    mistake: "an application without `rawBody: true`",
    example: "nestjs/receiver.ts",
    builds: "`tsc`, `node`",
  },
};

function record(framework, parser, says, seen) {
  if (parser !== rows[framework]?.parser) return;
  const { from, ...row } = rows[framework];
  const usual = { version: manifest(from).version, example: `${from}/receiver.mjs`, builds: "`node`", says, seen };
  recordFramework(framework.replace(" on Express", ""), { ...usual, ...row });
}

for (const [framework, { fix, ways, parsed }] of Object.entries(frameworks)) {
  for (const [way, start] of Object.entries(ways)) {
    test(`${framework}: ${way}`, { timeout }, async () => {
      const events = [];
      const onEvent = (event) => events.push(event.type);
      const server = await start(nodeHandler({ secret: SECRET, onEvent, onError() {} }), onEvent);
      const errors = await consoleErrors(() =>
        withServer(server, async (url) => {
          const response = await fetch(url, delivery());
          assert.deepEqual([response.status, await response.text()], [204, ""]);
          if (way !== "rawBody") assert.equal((await fetch(url, delivery({ secret: "other" }))).status, 400);
        }),
      );
      assert.deepEqual([events, errors], [["deal.won"], []]);
    });
  }

  for (const [parser, start] of Object.entries(parsed)) {
    test(`${framework}: after ${parser}, the error names the fix`, { timeout }, async () => {
      const seen = [];
      const handler = nodeHandler({ secret: SECRET, onEvent: () => assert.fail("an event") });
      const server = await start(handler, (error) => seen.push(error));
      const written = await consoleErrors(() =>
        withServer(server, async (url) => {
          assert.equal((await fetch(url, { ...delivery(), signal: AbortSignal.timeout(2000) })).status, 500);
        }),
      );
      const errors = [...seen, ...written];
      // Fastify's own error handler hears of it.
      if (parser === "Fastify's parser") assert.deepEqual(written, []);
      assert.deepEqual(
        errors.map(({ name, code }) => `${name} ${code}`),
        ["WebhookUsageError body_parsed"],
      );
      const { message } = errors[0];
      assert.ok(message.includes(fix), message);
      record(framework, parser, fix, message);
    });
  }

  test(`${framework}: what onEvent throws is reported, and the client gets 500`, { timeout }, async () => {
    const start = Object.values(ways)[0];
    const handler = nodeHandler({
      secret: SECRET,
      onEvent: () => {
        throw new RangeError("mine");
      },
    });
    await consoleErrors(async () =>
      withServer(await start(handler), async (url) => assert.equal((await fetch(url, delivery())).status, 500)),
    );
  });
}

test("Express 4 and 5: a parser that skips the type leaves the stream", { timeout }, async () => {
  for (const framework of [express, express4]) {
    const events = [];
    const app = framework()
      .use(framework.json())
      .use(framework.urlencoded({ extended: true }))
      .use(framework.text({ type: "text/html" }));
    app.post(PATH, nodeHandler({ secret: SECRET, onEvent: ({ type }) => events.push(type), onError() {} }));
    await withServer(createServer(app), async (url) => {
      assert.equal((await fetch(url, delivery({ headers: { "Content-Type": "text/plain" } }))).status, 204);
      assert.equal((await fetch(url, { method: "POST" })).status, 400);
      assert.equal((await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" } })).status, 400);
    });
    assert.deepEqual(events, ["deal.won"]);
  }
});

/**
 * A form, as anybody may send it where a parser takes forms; and one that carries a genuine signature of something
 * else.
 */
const forms = (delivered = delivery()) => [
  { method: "POST", body: new URLSearchParams({ a: "b" }) },
  {
    method: "POST",
    body: new URLSearchParams({ a: "b" }),
    headers: { "Dealix-Signature": delivered.headers["Dealix-Signature"] },
  },
  {
    method: "POST",
    body: "",
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "Dealix-Signature": delivered.headers["Dealix-Signature"],
    },
  },
];

test("a form that a parser took is refused, and no 500: anybody may send it", { timeout }, async () => {
  const parseForms = (app) =>
    app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(body))),
    );
  const swallow = async (req, _res, next) => (await req.toArray(), next());
  for (const [what, start] of Object.entries({
    "Express 5": (handler) =>
      createServer(
        express()
          .use(express.urlencoded({ extended: true }))
          .post(PATH, handler),
      ),
    "Express 4": (handler) =>
      createServer(
        express4()
          .use(express4.urlencoded({ extended: false }))
          .post(PATH, handler),
      ),
    "a parser that leaves nothing": (handler) => createServer(express().post(PATH, swallow, handler)),
    Connect: (handler) =>
      createServer(
        connect()
          .use(bodyParser.urlencoded({ extended: true }))
          .use(PATH, handler),
      ),
    Fastify: (handler) =>
      fastify((app) => (parseForms(app), app.post(PATH, (request, reply) => handler(request, reply)))),
    "Fastify, raw": (handler) =>
      fastify(
        (app) => (
          parseForms(app), app.post(PATH, (request, reply) => (reply.hijack(), handler(request.raw, reply.raw)))
        ),
      ),
    Koa: (handler) =>
      koa((app) =>
        app
          .use(async (ctx, next) => {
            ctx.request.body = Object.fromEntries(
              new URLSearchParams(Buffer.concat(await ctx.req.toArray()).toString()),
            );
            await next();
          })
          .use(onPath((ctx) => handler(ctx, ctx.res))),
      ),
    "NestJS on Express": (handler) => nest(handler, {}),
  })) {
    const refusals = [];
    const handler = nodeHandler({
      secret: SECRET,
      onEvent: () => assert.fail("an event"),
      onError: (error) => refusals.push(error),
    });
    const written = await consoleErrors(async () =>
      withServer(await start(handler), async (url) => {
        for (const form of forms()) assert.equal((await fetch(url, form)).status, 400, what);
      }),
    );
    assert.deepEqual(written, [], what);
    assert.equal(refusals.length, 3, what);
    for (const { code } of refusals) assert.match(code, /^(signature_mismatch|malformed_header)$/, what);
  }
});

test("Express: `express.raw` for JSON alone, and a request of another type is refused", { timeout }, async () => {
  const webhook = new Webhook(SECRET);
  for (const [framework, received] of [
    [express, "undefined"],
    [express4, "an empty object"],
  ]) {
    const refusals = [];
    const app = framework().post(PATH, framework.raw({ type: "application/json" }), (req, res) => {
      const { valid, error } = webhook.check(req.body, req.headers);
      if (!valid) refusals.push(error);
      res.status(valid ? 204 : 400).end();
    });
    await withServer(createServer(app), async (url) => {
      assert.equal((await fetch(url, delivery())).status, 204);
      assert.equal((await fetch(url, delivery({ headers: { "Content-Type": "text/plain" } }))).status, 400);
      assert.equal(
        (await fetch(url, { method: "POST", body: "x", headers: { "Content-Type": "text/plain" } })).status,
        400,
      );
    });
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ["signature_mismatch", "malformed_header"],
    );
    assert.ok(refusals[0].message.startsWith(`The body is ${received}: `), refusals[0].message);
  }
});

test("Express: what `express.raw` decompressed verifies, and what nothing decompressed names its encoding", {
  timeout,
}, async () => {
  for (const framework of [express, express4]) {
    for (const [encoding, compress] of [
      ["gzip", gzipSync],
      ["deflate", deflateSync],
      ["br", brotliCompressSync],
    ]) {
      const refusals = [];
      const handler = nodeHandler({
        secret: SECRET,
        onEvent() {},
        onError: ({ code, details }) => refusals.push([code, details.contentEncoding]),
      });
      const request = delivery({ headers: { "Content-Encoding": encoding } });
      const compressed = { ...request, body: compress(request.body) };
      const inflated = framework().post(PATH, framework.raw({ type: () => true }), handler);
      // Express 4 does not support Brotli, and reports that itself.
      const status = framework === express4 && encoding === "br" ? 415 : 204;
      inflated.use((error, _req, res, _next) => res.status(error.status).end());
      await withServer(createServer(inflated), async (url) =>
        assert.equal((await fetch(url, compressed)).status, status, encoding),
      );
      await withServer(createServer(handler), async (url) => assert.equal((await fetch(url, compressed)).status, 415));
      assert.deepEqual(refusals, [["signature_mismatch", encoding]]);
    }
  }
});

test("Fastify: a client that hangs up, and a body that is too long", { timeout }, async () => {
  const reported = [];
  const handler = nodeHandler({ secret: SECRET, onEvent() {}, onError() {} });
  const server = await fastify((app) =>
    app
      .addHook("onError", async (_request, _reply, error) => reported.push(error))
      .post(PATH, { onRequest: handler }, () => {}),
  );
  const errors = await consoleErrors(() =>
    withServer(server, async (url) => {
      const aborted = new AbortController();
      const half = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
      const sending = fetch(url, { ...delivery(), body: half, duplex: "half", signal: aborted.signal });
      setTimeout(() => aborted.abort(), 100);
      await assert.rejects(sending);
      assert.equal((await fetch(url, delivery({ body: "x".repeat(2_000_000) }))).status, 413);
    }),
  );
  assert.deepEqual([errors, reported], [[], []]);
});

async function verifyWithRawBody(request, headers, onEvent) {
  onEvent(new Webhook(SECRET).verify(await rawBody(request), headers));
}

async function fastify(build) {
  const app = Fastify();
  build(app);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
}

async function hapi(handler, payload) {
  const server = Hapi.server({ host: "127.0.0.1", port: 0 });
  const receive = async ({ raw }, h) => (await handler(raw.req, raw.res), h.abandon);
  server.route({ method: "POST", path: PATH, options: { payload }, handler: receive });
  await server.start();
  return server.listener;
}

function koa(build) {
  const app = new Koa();
  build(app);
  return createServer(app.callback());
}

function onPath(run) {
  return async (ctx, next) => {
    if (ctx.path !== PATH) return next();
    ctx.respond = false;
    await run(ctx);
  };
}

/** A Nest application with one controller; Nest on Fastify has no `next`. */
async function nest(handler, options, prepare = () => {}, adapter = undefined) {
  class WebhooksController {
    receive(request, response, next) {
      return handler(request, response, next);
    }
  }
  const parameters = adapter ? [Req(), Res()] : [Req(), Res(), Next()];
  for (const [index, decorate] of parameters.entries()) decorate(WebhooksController.prototype, "receive", index);
  Post("dealix")(
    WebhooksController.prototype,
    "receive",
    Object.getOwnPropertyDescriptor(WebhooksController.prototype, "receive"),
  );
  Controller("webhooks")(WebhooksController);
  class AppModule {}
  Module({ controllers: [WebhooksController] })(AppModule);
  const settings = { logger: false, abortOnError: false, ...options };
  const app = await (adapter
    ? NestFactory.create(AppModule, adapter, settings)
    : NestFactory.create(AppModule, settings));
  prepare(app);
  await app.listen(0, "127.0.0.1");
  return app.getHttpServer();
}
