// verifyMiddleware in Express and Connect: the event is on the request, and the response is the application's.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mock, test } from "node:test";
import bodyParser from "body-parser";
import connect from "connect";
import express from "express";
import express4 from "express-4";
import { verifyMiddleware } from "@dealix/webhooks/node";
import { delivery, PATH, SECRET, withServer } from "./support/http.mjs";

const timeout = 20_000;
const statusOf = async (url, init) => (await fetch(url, init)).status;

for (const [name, frameworkOf] of [
  ["Express 5", express],
  ["Express 4", express4],
]) {
  test(`${name}: \`req.event\` is the verified event, and the response is the route's`, { timeout }, async () => {
    const refusals = [];
    const app = frameworkOf();
    app.post(
      PATH,
      verifyMiddleware({ secret: SECRET, onError: ({ code }, { attempt }) => refusals.push(code, attempt) }),
      (req, res) => {
        res.status(202).json({ type: req.event.type, name: req.event.data.name });
      },
    );
    app.use(frameworkOf.json());
    await withServer(createServer(app), async (url) => {
      const response = await fetch(url, delivery());
      assert.deepEqual([response.status, await response.json()], [202, { type: "deal.won", name: "شركة 😀" }]);
      assert.equal(
        await statusOf(url, delivery({ secret: "other", headers: { "Dealix-Delivery-Attempt": "4" } })),
        400,
      );
      assert.equal(await statusOf(url, { method: "POST", body: "{}" }), 400);
      assert.equal(await statusOf(url, delivery({ body: "x".repeat(2_000_000) })), 413);
    });
    assert.deepEqual(refusals, ["signature_mismatch", 4, "malformed_header", undefined, "body_too_large", undefined]);
  });

  test(`${name}: a parser after it leaves the event alone`, { timeout }, async () => {
    const app = frameworkOf();
    app.use(PATH, verifyMiddleware({ secret: SECRET }));
    app.use(frameworkOf.json());
    app.post(PATH, (req, res) => res.send(req.event.type));
    await withServer(createServer(app), async (url) => {
      assert.equal(await (await fetch(url, delivery())).text(), "deal.won");
      assert.equal(await statusOf(url), 405);
    });
  });

  test(`${name}: a parser before it, and what the route throws, go to the error handler`, { timeout }, async () => {
    const errors = [];
    const app = frameworkOf();
    app.post("/parsed", frameworkOf.json(), verifyMiddleware({ secret: SECRET }), () => assert.fail("not verified"));
    app.post(PATH, verifyMiddleware({ secret: SECRET }), () => {
      throw new RangeError("mine");
    });
    app.use((error, _req, res, _next) => (errors.push(error.code ?? error.message), res.status(500).end()));
    await withServer(createServer(app), async (url) => {
      assert.equal(await statusOf(new URL("/parsed", url), delivery()), 500);
      assert.equal(await statusOf(url, delivery()), 500);
    });
    assert.deepEqual(errors, ["body_parsed", "mine"]);
  });
}

test("Connect: the same", { timeout }, async () => {
  const app = connect();
  app.use(PATH, verifyMiddleware({ secret: SECRET, onError() {} })).use(bodyParser.json());
  app.use(PATH, (req, res) => res.end(req.event.type));
  await withServer(createServer(app), async (url) => {
    assert.equal(await (await fetch(url, delivery())).text(), "deal.won");
    assert.equal(await statusOf(url, delivery({ secret: "other" })), 400);
  });
});

test("what is refused goes no further", { timeout }, async () => {
  const reached = [];
  const app = connect().use(verifyMiddleware({ secret: SECRET, onError() {} }));
  app.use((req, res) => (reached.push(req.method), res.end()));
  await withServer(createServer(app), async (url) => {
    assert.equal(await statusOf(url, delivery({ secret: "other" })), 400);
    assert.equal(await statusOf(url, delivery({ body: "x".repeat(2_000_000) })), 413);
    assert.equal(await statusOf(url), 405);
    assert.deepEqual(reached, []);
    assert.equal(await statusOf(url, delivery()), 200);
  });
  assert.deepEqual(reached, ["POST"]);
});

test("while the secret is missing every request goes to the error handler", { timeout }, async () => {
  let secret;
  const errors = [];
  const app = express().post(PATH, verifyMiddleware({ secret: () => secret }), (_req, res) => res.sendStatus(204));
  app.use((error, _req, res, _next) => (errors.push(error.code), res.status(500).end()));
  await withServer(createServer(app), async (url) => {
    for (const status of [500, 500]) assert.equal(await statusOf(url, delivery()), status);
    secret = SECRET;
    for (const status of [204, 204]) assert.equal(await statusOf(url, delivery()), status);
  });
  assert.deepEqual(errors, ["empty_secret", "empty_secret"]);
});

test("wrong options fail at start-up, and a call without `next` says where it belongs", async () => {
  const configuration = (options, code) =>
    assert.throws(() => verifyMiddleware(options), { name: "WebhookConfigurationError", code });
  configuration({ secret: undefined }, "empty_secret");
  configuration({ secret: SECRET, onEvent() {} }, "invalid_option");
  configuration({ secret: SECRET, maxAgeSeconds: -0.5 }, "invalid_option");
  configuration(null, "invalid_option");
  const log = mock.method(console, "error", () => {});
  await withServer(createServer(verifyMiddleware({ secret: SECRET })), async (url) => {
    assert.equal(await statusOf(url, delivery()), 500);
  });
  const [error] = log.mock.calls[0].arguments;
  log.mock.restore();
  assert.equal(error.code, "not_a_request");
  assert.deepEqual(error.details, { received: "undefined" });
  assert.match(error.message, /verifyMiddleware got undefined as its `next`.*nodeHandler/);
});

test("a refusal that cannot be sent goes to the error handler, and not to the process", { timeout }, async () => {
  const errors = [];
  const app = express4();
  app.use((_req, res, next) => {
    const { end } = res;
    res.end = () => {
      res.end = end;
      throw new RangeError("a hook of another middleware");
    };
    next();
  });
  app.post(PATH, verifyMiddleware({ secret: SECRET, onError() {} }), (_req, res) => res.sendStatus(204));
  app.use((error, _req, res, _next) => (errors.push(error.message), res.destroy()));
  await withServer(createServer(app), async (url) => {
    await assert.rejects(fetch(url, { method: "POST", body: "{}" }));
  });
  assert.deepEqual(errors, ["a hook of another middleware"]);
});

test("a promise for a secret is refused, even one that is rejected", { timeout }, async () => {
  const errors = [];
  const secret = async () => {
    throw new Error("the vault is down");
  };
  const app = express().post(PATH, verifyMiddleware({ secret }), () => assert.fail("not verified"));
  app.use((error, _req, res, _next) => (errors.push(error.code), res.status(500).end()));
  await withServer(createServer(app), async (url) => assert.equal(await statusOf(url, delivery()), 500));
  assert.deepEqual(errors, ["invalid_secret"]);
});
