// What frameworks pass instead of the request that a handler needs: each is recognized by its shape, and the error's
// advice works.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import Hapi from "@hapi/hapi";
import { Elysia } from "elysia";
import * as h3 from "h3";
import { H3 } from "h3-2";
import { Hono } from "hono";
import Koa from "koa";
import NodeFetch from "node-fetch";
import { fetchHandler, Webhook } from "@dealix/webhooks";
import { lambdaHandler, nodeHandler, rawBody, verifyLambda } from "@dealix/webhooks/node";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { manifest } from "./runtimes/process.mjs";
import { consoleErrors, delivery, PATH, SECRET, wait, withServer } from "./support/http.mjs";

const timeout = 20_000;
const webhook = new Webhook(SECRET);
const onEvent = () => {};
const web = fetchHandler({ secret: SECRET, onEvent });
const node = nodeHandler({ secret: SECRET, onEvent });
const request = (init = delivery()) => new Request(`http://receiver.example${PATH}`, init);

/** Refused with `not_a_request`, and these words; returns the error. */
async function refused(call, words, what = String(words)) {
  const error = await (async () => call())().then(
    () => assert.fail(`${what}: accepted`),
    (error) => error,
  );
  assert.equal(`${error.name} ${error.code}`, "WebhookUsageError not_a_request", `${what}: ${error.stack}`);
  assert.match(error.message, words, what);
  return error;
}

test("h3 1 (Nuxt, Nitro 2): its event, and what the errors advise", { timeout }, async () => {
  const statusOf = (call) => {
    const app = h3.createApp().use(h3.defineEventHandler(call));
    return withServer(createServer(h3.toNodeListener(app)), async (url) => (await fetch(url, delivery())).status);
  };
  const wrong = async (event) => {
    await refused(() => web(event), /h3 1.*`fromWebHandler\(handler\)`.*`toWebRequest\(event\)`/);
    await refused(() => webhook.verifyRequest(event), /`toWebRequest\(event\)`/);
    await refused(() => node(event), /h3 1.*`event\.node\.req` and `event\.node\.res`.*`toWebRequest\(event\)`/);
    await refused(() => rawBody(event), /event\.node\.req/);
    return "right";
  };
  assert.equal(await statusOf(wrong), 200);
  assert.equal(await statusOf(h3.fromWebHandler(web)), 204);
  assert.equal(await statusOf((event) => web(h3.toWebRequest(event))), 204);
  assert.equal(await statusOf((event) => node(event.node.req, event.node.res)), 204);
  assert.equal(await statusOf(async (event) => webhook.verify(await h3.readRawBody(event), event.headers).type), 200);
});

test("h3 2 (Nitro 3): its event, and what the errors advise", { timeout }, async () => {
  const wrong = new H3().post(PATH, async (event) => {
    await refused(() => web(event), /h3 2.*`event\.req`/);
    await refused(() => node(event), /h3 2.*fetchHandler.*`event\.req`/);
    return "right";
  });
  assert.equal(await (await wrong.request(PATH, delivery())).text(), "right");
  assert.equal((await new H3().post(PATH, (event) => web(event.req)).request(PATH, delivery())).status, 204);
});

test("node-fetch 2: its Request is read", { timeout }, async () => {
  const of = (init) => new NodeFetch.Request(`http://receiver.example${PATH}`, { ...init, signal: undefined });
  assert.equal((await web(of(delivery()))).status, 204);
  assert.equal(
    (await fetchHandler({ secret: SECRET, onEvent, onError() {} })(of(delivery({ secret: "other" })))).status,
    400,
  );
  await refused(() => node(of(delivery())), /fetchHandler/);
});

test("hapi: its request, and what the errors advise", { timeout }, async () => {
  for (const payload of [{}, { output: "data", parse: false }]) {
    const server = Hapi.server();
    server.route({
      method: "POST",
      path: PATH,
      options: { payload },
      async handler(request, h) {
        await refused(() => web(request), /hapi/);
        await refused(
          () => node(request, h),
          /hapi.*`payload: \{ output: "data", parse: false \}`.*`webhook\.verify\(request\.payload, request\.headers\)`/,
        );
        return payload.parse === false ? webhook.verify(request.payload, request.headers).type : "parsed";
      },
    });
    const { method, body, headers } = delivery();
    const { statusCode, result } = await server.inject({ method, url: PATH, payload: body, headers });
    assert.deepEqual([statusCode, result], [200, payload.parse === false ? "deal.won" : "parsed"]);
  }
});

test("Node: a parsed body names Express's cure", () => {
  assert.throws(() => webhook.verify({ id: "evt_1" }, delivery().headers), {
    code: "body_parsed",
    message: /`nodeHandler` or `rawBody` from @dealix\/webhooks\/node.*`express\.raw\(/,
  });
});

test("Hono: its context, and a body that was read", { timeout }, async () => {
  const app = new Hono().post(PATH, async (c) => {
    const { message } = await refused(() => web(c), /`c\.req\.raw`/);
    recordFramework("Hono", {
      version: manifest("hono").version,
      example: "hono/receiver.mjs",
      builds: "`node`",
      mistake: "`receive(c)`",
      says: "Hono: pass `c.req.raw`",
      seen: message,
    });
    await refused(() => web(c.req), /`c\.req\.raw`/);
    await refused(() => node(c), /Hono.*fetchHandler.*`c\.req\.raw`/);
    await c.req.json();
    await assert.rejects(web(c.req.raw), {
      code: "body_parsed",
      details: { received: "a Request" },
      message: /has read the Request's body.*`verify\(await c\.req\.text\(\), c\.req\.raw\.headers\)`/,
    });
    return c.text(webhook.verify(await c.req.text(), c.req.raw.headers).type);
  });
  const response = await app.request(PATH, delivery());
  assert.equal(await response.text(), "deal.won");
});

test("Elysia: its context, and a handler that names `body`", { timeout }, async () => {
  const text = async (app) => (await app.handle(request())).text();
  const errors = [];
  const reading = new Elysia().post(
    PATH,
    ({ body, request }) => (void body, webhook.verifyRequest(request).catch((error) => errors.push(error)), "x"),
  );
  await text(reading);
  await wait(20);
  assert.equal(errors[0]?.code, "body_parsed");
  assert.match(errors[0].message, /Elysia: name `request` and not `body` in the handler, or set `parse: "none"`/);
  assert.equal(
    await text(new Elysia().post(PATH, async ({ request }) => (await webhook.verifyRequest(request)).type)),
    "deal.won",
  );
  const none = new Elysia().post(PATH, async (context) => (await webhook.verifyRequest(context.request)).type, {
    parse: "none",
  });
  assert.equal(await text(none), "deal.won");
  const whole = new Elysia().post(
    PATH,
    async (context) => (
      await refused(() => web(context), /Elysia.*`request`/),
      await refused(() => node(context), /Elysia.*`request`/),
      "right"
    ),
    { parse: "none" },
  );
  assert.equal(await text(whole), "right");
});

test("Koa: its context given to the handler for web requests", { timeout }, async () => {
  const app = new Koa().use(async (ctx) => {
    await refused(() => web(ctx), /Koa.*@dealix\/webhooks\/node/);
    await refused(() => web(ctx.request), /Koa/);
    ctx.body = "right";
  });
  await withServer(createServer(app.callback()), async (url) =>
    assert.equal(await (await fetch(url, delivery())).text(), "right"),
  );
});

test("SvelteKit: only a failure with its status 413 is a body too large", async () => {
  for (const [error, expected] of [
    [{ status: 413 }, { code: "body_too_large", details: { maxBodyBytes: 1024 * 1024 }, message: /host's own limit/ }],
    [{ status: 500 }, { code: "ECONNRESET" }],
    [undefined, { code: "ECONNRESET" }],
  ]) {
    const body = new ReadableStream({ start: (controller) => controller.error(error) });
    await assert.rejects(webhook.verifyRequest(request({ ...delivery(), body, duplex: "half" })), expected);
  }
});

test("Google Cloud and Firebase: nodeHandler finds `req.rawBody`", { timeout }, async () => {
  const events = [];
  http("receive", nodeHandler({ secret: SECRET, onEvent: ({ data }) => events.push(data.name), onError() {} }));
  await withServer(getTestServer("receive"), async (url) => {
    assert.equal((await fetch(url, delivery())).status, 204);
    assert.equal((await fetch(url, delivery({ secret: "other" }))).status, 400);
  });
  assert.deepEqual(events, ["شركة 😀"]);
});

/** Oak's request: a `Headers`, and a body with methods. */
const oakRequest = ({ headers, body }) => ({
  method: "POST",
  headers: new Headers(headers),
  hasBody: true,
  body: { has: true, text: async () => body, stream: new Response(body).body },
});

test("Oak: its context and its request", async () => {
  const request = oakRequest(delivery());
  for (const given of [request, { request, response: {} }]) {
    for (const call of [web, node])
      await refused(() => call(given), /Oak.*verify\(await ctx\.request\.body\.text\(\), ctx\.request\.headers\)/);
  }
  assert.equal(webhook.verify(await request.body.text(), request.headers).type, "deal.won");
});

test("the request of another kind of handler: none ends in a TypeError", { timeout }, async () => {
  const { method, headers, body } = delivery();
  const event = { version: "2.0", headers, requestContext: { http: { method } }, body, isBase64Encoded: false };
  await refused(() => web(event), /Lambda.*@dealix\/webhooks\/node/);
  await refused(() => node(event, {}), /`lambdaHandler`/);
  await refused(() => node({ httpMethod: method, headers, body }, {}), /`lambdaHandler`/);
  await refused(() => node(request()), /Request of the Fetch API.*fetchHandler/);
  await refused(() => node({ headers: new Headers() }), /Request of the Fetch API.*fetchHandler/);
  await refused(() => web({ headers: new Headers() }), /`c\.req\.raw`/);
  await refused(() => node({ request: request() }), /SvelteKit, Astro.*`request`/);
  await refused(() => web({ request: request() }), /SvelteKit, Astro.*`request`/);
  await refused(() => web(Promise.resolve(request())), /Await it\./);
  await refused(
    () => web({ method, headers: new Headers(headers), body: new PassThrough() }),
    /@dealix\/webhooks\/node/,
  );
  await refused(async () => verifyLambda(webhook, request()), /not an HTTP request/);
  await refused(() => lambdaHandler({ secret: SECRET, onEvent })(request()), /not an HTTP request/);
  const server = createServer(async (req, res) => {
    await refused(() => web(req, res), /Node.*@dealix\/webhooks\/node/);
    res.end("right");
  });
  await withServer(server, async (url) => assert.equal(await (await fetch(url, delivery())).text(), "right"));
});

/** What the helpers of Vercel's Node functions do to a request: `body` is parsed when it is read. */
function addVercelHelpers(req, bytes) {
  const parse = () => (req.headers["content-type"] === "application/json" ? JSON.parse(String(bytes)) : undefined);
  for (const [name, get] of [
    ["cookies", () => ({})],
    ["query", () => ({})],
    ["body", parse],
  ]) {
    Object.defineProperty(req, name, { configurable: true, enumerable: true, get });
  }
}

/** Their way with the stream: they read it, and play it back to those who listen. Later the original closes. */
function playBack(req, bytes) {
  const replica = new PassThrough();
  const on = req.on.bind(req);
  req.read = replica.read.bind(replica);
  req.on = req.addListener = (name, listener) =>
    name === "data" || name === "end" ? replica.on(name, listener) : on(name, listener);
  setTimeout(() => {
    req.emit("close");
    replica.end(bytes);
  }, 5);
}

test("Vercel's (req, res): the stream is read if any, else advice is given", { timeout }, async () => {
  for (const [what, prepare, status] of [
    [
      "read and played back",
      async (req) => {
        const bytes = Buffer.concat(await req.toArray());
        playBack(req, bytes);
        addVercelHelpers(req, bytes);
      },
      204,
    ],
    ["left alone", async (req) => addVercelHelpers(req, "{}"), 204],
    ["read", async (req) => addVercelHelpers(req, Buffer.concat(await req.toArray())), 500],
  ]) {
    const events = [];
    const handler = nodeHandler({
      secret: SECRET,
      onEvent: ({ type }) => events.push(type),
      onError() {},
      maxBodyBytes: 1000,
    });
    const server = createServer(async (req, res) => {
      await prepare(req);
      await handler(req, res);
    });
    const errors = await consoleErrors(() =>
      withServer(server, async (url) => {
        assert.equal((await fetch(url, delivery())).status, status, what);
        if (status === 204) assert.equal((await fetch(url, delivery({ body: "x".repeat(1001) }))).status, 413, what);
        if (status === 204) assert.equal((await fetch(url, delivery({ body: "{" }))).status, 400, what);
      }),
    );
    assert.deepEqual(events, status === 204 ? ["deal.won"] : [], what);
    assert.deepEqual(
      errors.map(({ code }) => code),
      status === 204 ? [] : ["body_parsed"],
      what,
    );
    if (status === 500)
      assert.match(errors[0].message, /Vercel: `export const POST = fetchHandler\(\{ secret, onEvent \}\);`/);
  }
});
