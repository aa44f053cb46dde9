// nodeHandler and rawBody on node:http, and what a client can do to them over raw sockets.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createServer, IncomingMessage } from "node:http";
import { createServer as createHttp2Server, connect as connectHttp2 } from "node:http2";
import { Duplex, PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { promisify } from "node:util";
import { Webhook } from "@dealix/webhooks";
import { nodeHandler, rawBody } from "@dealix/webhooks/node";
import { WebhookReplayError } from "@dealix/webhooks/replay";
import { consoleErrors, delivery, head, PATH, rawConnection, SECRET, wait, withServer } from "./support/http.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";

const timeout = 30_000;
const big = "x".repeat(2_000_000);

/** A receiver, what came of it, and the server. */
function receiver(options = {}) {
  const events = [];
  const refusals = [];
  const handler = nodeHandler({
    secret: SECRET,
    onEvent: (event) => events.push(event.type),
    onError: ({ code }) => refusals.push(code),
    ...options,
  });
  return { events, refusals, handler, server: createServer(handler) };
}

test("each status has an empty body and a minimal head", { timeout }, async () => {
  const { server, events, refusals } = receiver();
  await withServer(server, async (url) => {
    for (const [what, request, status] of [
      ["a genuine delivery", delivery(), 204],
      ["another secret's", delivery({ secret: "other" }), 400],
      ["no header", { method: "POST", body: "{}" }, 400],
      ["no body", { method: "POST" }, 400],
      ["GET", {}, 405],
      ["PUT", { ...delivery(), method: "PUT" }, 405],
      ["2 MB", delivery({ body: big }), 413],
    ]) {
      const response = await fetch(url, request);
      assert.equal(response.status, status, what);
      assert.equal(await response.text(), "", what);
      assert.equal(response.headers.get("transfer-encoding"), null, what);
      assert.equal(response.headers.get("allow"), status === 405 ? "POST" : null, what);
    }
  });
  assert.deepEqual(events, ["deal.won"]);
  assert.deepEqual(refusals, ["signature_mismatch", "malformed_header", "malformed_header", "body_too_large"]);
});

test("wrong options fail at start-up", () => {
  for (const [options, code] of [
    [{ secret: undefined, onEvent() {} }, "empty_secret"],
    [{ secret: SECRET }, "invalid_option"],
    [{ secret: SECRET, onEvent() {}, maxBodyBytes: -1 }, "invalid_option"],
    [{ secret: SECRET, onEvent() {}, path: "/x" }, "invalid_option"],
  ]) {
    assert.throws(() => nodeHandler(options), { name: "WebhookConfigurationError", code });
  }
});

test("onEvent's error goes to next, or to console.error and a bare 500", { timeout }, async () => {
  const mine = new RangeError("mine");
  const { handler } = receiver({ onEvent: () => Promise.reject(mine) });
  const passed = [];
  const chained = createServer((req, res) =>
    handler(req, res, (error) => (passed.push(error), res.writeHead(502).end())),
  );
  const errors = await consoleErrors(async () => {
    await withServer(chained, async (url) => assert.equal((await fetch(url, delivery())).status, 502));
  });
  assert.deepEqual([passed, errors], [[mine], []]);
  const alone = await consoleErrors(() =>
    withServer(createServer(handler), async (url) => {
      const response = await fetch(url, delivery());
      assert.deepEqual([response.status, await response.text()], [500, ""]);
    }),
  );
  assert.deepEqual(alone, [mine]);
});

test('what is thrown and no error reaches next as one: `next()` and `next("route")` would go on to a 404', {
  timeout,
}, async () => {
  for (const thrown of [undefined, null, "", 0, "route", "router"]) {
    const { handler } = receiver({ onEvent: () => Promise.reject(thrown) });
    const passed = [];
    const chained = createServer((req, res) =>
      handler(req, res, (error) => (passed.push(error), res.writeHead(502).end())),
    );
    await withServer(chained, async (url) => assert.equal((await fetch(url, delivery())).status, 502));
    assert.ok(passed[0] instanceof Error && passed[0].cause === thrown, String(passed[0]));
    assert.match(passed[0].message, /onEvent/);
  }
});

test("the replay guard's errors become 503", { timeout }, async () => {
  const { server } = receiver({
    onEvent: () => {
      throw new WebhookReplayError("delivery_in_progress", "x", "y");
    },
  });
  await withServer(server, async (url) => assert.equal((await fetch(url, delivery())).status, 503));
});

test("a response that has begun is broken off only when onEvent fails", { timeout }, async () => {
  let response;
  // More than the connection takes at once, so that breaking it off loses some.
  const half = "x".repeat(8_000_000);
  const { handler, events } = receiver({
    onEvent: (event) => {
      response.write(half);
      if (event.type === "deal.lost") throw new Error("mine");
      response.end();
      if (event.type === "reply.received") throw new Error("too late");
    },
  });
  const server = createServer((req, res) => handler(req, (response = res)));
  const body = (type) =>
    JSON.stringify({ id: "evt_1", type, customer_id: "c", timestamp: 1, api_version: "v1", data: {} });
  const errors = await consoleErrors(() =>
    withServer(server, async (url) => {
      for (const type of ["deal.won", "reply.received"])
        assert.equal((await (await fetch(url, delivery({ body: body(type) }))).text()).length, half.length, type);
      await assert.rejects(
        async () => (await fetch(url, delivery({ body: body("deal.lost") }))).text(),
        ({ name }) => name !== "TimeoutError",
      );
    }),
  );
  assert.deepEqual([errors.map(({ message }) => message), events], [["too late", "mine"], []]);
});

test("a host's response that has begun is left if it cannot be broken off", async () => {
  const { method, headers, body } = delivery();
  const response = { headersSent: true, setHeader() {}, end: () => assert.fail("a second response") };
  const errors = await consoleErrors(async () => {
    for (const onEvent of [() => {}, () => Promise.reject(new RangeError("mine"))])
      await receiver({ onEvent }).handler({ method, headers, rawBody: body }, response);
  });
  assert.deepEqual(
    errors.map(({ message }) => message),
    ["mine"],
  );
});

test("413 reaches fetch and curl, and the connection is closed", { timeout }, async () => {
  const { server } = receiver();
  await withServer(server, async (url) => {
    for (let round = 0; round < 20; round++) {
      const whole = await fetch(url, delivery({ body: big }));
      assert.deepEqual([whole.status, whole.headers.get("connection"), await whole.text()], [413, "close", ""]);
      const chunks = new ReadableStream({
        start(controller) {
          for (let n = 0; n < 32; n++) controller.enqueue(new Uint8Array(65_536));
          controller.close();
        },
      });
      const streamed = await fetch(url, { ...delivery(), body: chunks, duplex: "half" });
      assert.deepEqual([streamed.status, streamed.headers.get("connection")], [413, "close"]);
    }
    for (const length of [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect:"]]) {
      const signature = ["-H", `Dealix-Signature: ${delivery().headers["Dealix-Signature"]}`];
      const curl = promisify(execFile)("curl", [
        "-sS",
        "-o",
        "-",
        "-w",
        "%{http_code}",
        "--data-binary",
        "@-",
        ...signature,
        ...length,
        url,
      ]);
      curl.child.stdin.on("error", () => {}).end(big);
      assert.equal((await curl).stdout, "413", length.join(" "));
    }
  });
});

test("413 reaches a client that reads only when it has sent all", { timeout }, async () => {
  const { server } = receiver();
  await withServer(server, async (_url, port) => {
    const { socket, failures, ended, until } = await rawConnection(port);
    socket.pause();
    socket.write(head(delivery(), `Content-Length: ${big.length}`));
    await new Promise((resolve) => socket.write(big, resolve));
    socket.resume();
    assert.match(await until(/\r\n\r\n/), /^HTTP\/1\.1 413 .*\r\n(.*\r\n)*Connection: close\r\n/);
    await ended;
    assert.deepEqual(failures, []);
  });
});

test("413 is sent by the announced length, before any of the body", { timeout }, async () => {
  const { server } = receiver({ maxBodyBytes: 1000 });
  await withServer(server, async (_url, port) => {
    const { socket, until } = await rawConnection(port);
    socket.write(head(delivery(), "Content-Length: 1001"));
    await until(/^HTTP\/1\.1 413 /, 1000);
    socket.destroy();
  });
});

test("a client that goes on sending after its 413 is cut off", { timeout }, async () => {
  const { server } = receiver({ maxBodyBytes: 1000 });
  await withServer(server, async (_url, port) => {
    const fast = await rawConnection(port);
    fast.socket.write(head(delivery(), "Content-Length: 1000000000"));
    const megabyte = Buffer.alloc(1_000_000);
    let sent = 0;
    for (; sent < 100 && !fast.socket.destroyed; sent++)
      await new Promise((resolve) => fast.socket.write(megabyte, resolve));
    assert.ok(sent < 40, `${sent} MB were taken`);
    assert.match(fast.received(), /^HTTP\/1\.1 413 /);

    const idle = await rawConnection(port);
    idle.socket.write(head(delivery(), "Content-Length: 1000000000"));
    const from = Date.now();
    await idle.ended;
    assert.ok(Date.now() - from < 4000, "an idle client is not waited for");
    idle.socket.destroy();
  });
});

test("the limit is inclusive, whatever the body's form", { timeout }, async () => {
  const { body, headers } = delivery();
  const bytes = Buffer.from(body);
  for (const [maxBodyBytes, status] of [
    [bytes.length, 204],
    [bytes.length - 1, 413],
  ]) {
    const { handler } = receiver({ maxBodyBytes });
    for (const [what, kept] of Object.entries({
      stream: {},
      bytes: { rawBody: bytes },
      "plain bytes": { rawBody: new Uint8Array(bytes) },
      text: { rawBody: body },
      body: { body: bytes },
    })) {
      const server = createServer((req, res) => handler(Object.assign(req, kept), res));
      await withServer(server, async (url) => {
        const chunked =
          what === "stream" &&
          new ReadableStream({
            start(c) {
              c.enqueue(bytes.subarray(0, 3));
              c.enqueue(bytes.subarray(3));
              c.close();
            },
          });
        for (const sent of chunked ? [body, chunked] : [body]) {
          assert.equal(
            (await fetch(url, { method: "POST", body: sent, headers, duplex: "half" })).status,
            status,
            `${what} ${maxBodyBytes}`,
          );
        }
      });
    }
  }
});

test("a chunked body, byte by byte, and a slow one", { timeout }, async () => {
  const { server, events } = receiver();
  await withServer(server, async (_url, port) => {
    const request = delivery();
    const bytes = Buffer.from(request.body);
    const { socket, until } = await rawConnection(port);
    socket.write(head(request, "Transfer-Encoding: chunked"));
    for (const byte of bytes) socket.write(Buffer.concat([Buffer.from("1\r\n"), Buffer.of(byte), Buffer.from("\r\n")]));
    socket.write("0\r\n\r\n");
    await until(/^HTTP\/1\.1 204 /);
    socket.write(head(request, `Content-Length: ${bytes.length}`));
    for (let at = 0; at < bytes.length; at += 40) {
      socket.write(bytes.subarray(at, at + 40));
      await wait(30);
    }
    await until(/204 [^]*204 /);
    socket.destroy();
  });
  assert.deepEqual(events, ["deal.won", "deal.won"]);
});

test("clients that hang up: no response, no log line, nothing is left", { timeout }, async () => {
  const { server, events, refusals } = receiver();
  const passed = [];
  const chained = receiver();
  const withNext = createServer((req, res) => chained.handler(req, res, (error) => passed.push(error)));
  for (const one of [server, withNext]) {
    const errors = await consoleErrors(() =>
      withServer(one, async (url, port) => {
        for (const lines of [["Content-Length: 1000"], ["Transfer-Encoding: chunked"]]) {
          for (const how of ["destroy", "resetAndDestroy", "end"]) {
            const { socket } = await rawConnection(port);
            socket.write(`${head(delivery(), ...lines)}3\r\n{"a`);
            await wait(30);
            socket[how]();
          }
        }
        await wait(100);
        assert.equal((await fetch(url, delivery())).status, 204);
        one.closeIdleConnections();
        await wait(20);
        assert.equal(await promisify(one.getConnections.bind(one))(), 0);
      }),
    );
    assert.deepEqual(errors, []);
  }
  assert.deepEqual([events, refusals, passed], [["deal.won"], [], []]);
});

test("a client that hangs up while onEvent works", { timeout }, async () => {
  let finish;
  const { server } = receiver({ onEvent: () => new Promise((resolve) => (finish = resolve)) });
  const errors = await consoleErrors(() =>
    withServer(server, async (_url, port) => {
      const request = delivery();
      const { socket } = await rawConnection(port);
      socket.write(head(request, `Content-Length: ${Buffer.byteLength(request.body)}`) + request.body);
      while (!finish) await wait(5);
      socket.destroy();
      await wait(30);
      finish();
    }),
  );
  assert.deepEqual(errors, []);
});

test("Expect: 100-continue", { timeout }, async () => {
  const { server } = receiver();
  await withServer(server, async (_url, port) => {
    const request = delivery();
    const { socket, until } = await rawConnection(port);
    socket.write(head(request, `Content-Length: ${Buffer.byteLength(request.body)}`, "Expect: 100-continue"));
    await until(/^HTTP\/1\.1 100 Continue/);
    socket.write(request.body);
    await until(/HTTP\/1\.1 204 /);
    socket.destroy();
  });
});

test("pipelined requests get responses in order, even after a refusal", { timeout }, async () => {
  const { server } = receiver();
  await withServer(server, async (_url, port) => {
    const { socket, received, until } = await rawConnection(port);
    const one = (request) => head(request, `Content-Length: ${Buffer.byteLength(request.body)}`) + request.body;
    const get = `GET ${PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    socket.write(
      [
        one(delivery({ secret: "other" })),
        get,
        one(delivery()),
        one(delivery({ secret: "other" })),
        one(delivery()),
      ].join(""),
    );
    await until(/(HTTP\/1\.1 [^]*){5}/);
    assert.deepEqual(
      Array.from(received().matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => status),
      ["400", "405", "204", "400", "204"],
    );
    socket.destroy();
  });
});

test("two handlers at once on one request: one answers, the other says so", { timeout }, async () => {
  const { handler, events } = receiver();
  const server = createServer((req, res) => void Promise.all([handler(req, res), handler(req, res)]));
  const errors = await consoleErrors(() =>
    withServer(server, async (url) => assert.equal((await fetch(url, delivery())).status, 500)),
  );
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["body_parsed"],
  );
  assert.match(errors[0].message, /is being read/);
  assert.deepEqual(events, ["deal.won"]);
});

test("many at once, each with its own body", { timeout }, async () => {
  const seen = new Set();
  const { server } = receiver({ onEvent: ({ id }) => seen.add(id) });
  await withServer(server, async (url) => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => fetch(url, delivery(n % 2 ? { secret: "other" } : {}))),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array.from({ length: 200 }, (_, n) => (n % 2 ? 400 : 204)),
    );
  });
  assert.equal(seen.size, 100);
});

test("memory: a body of tiny chunks takes what it holds", { timeout: 60_000 }, async () => {
  const { server } = receiver({ maxBodyBytes: 100_000, bodyTimeoutSeconds: 60 });
  const accepted = [];
  server.on("connection", (socket) => accepted.push(socket));
  await withServer(server, async (_url, port) => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => rawConnection(port)));
    const before = process.memoryUsage().rss;
    const chunks = "1\r\nx\r\n".repeat(60_000);
    for (const { socket } of clients) socket.write(head(delivery(), "Transfer-Encoding: chunked") + chunks);
    const isRead = () => accepted.length === 10 && accepted.every(({ bytesRead }) => bytesRead > chunks.length);
    while (!isRead()) await wait(20);
    await wait(50);
    const grown = (process.memoryUsage().rss - before) / 1e6;
    // Chunks that are kept take some 300 MB.
    assert.ok(grown < 100, `grew by ${grown} MB for 10 bodies of 60 kB`);
    for (const { socket } of clients) socket.destroy();
  });
});

/** Every state in which the stream can no longer be read, as [what, prepare]. */
const used = {
  "read to its end": async (req) => {
    for await (const _ of req);
  },
  "read to its end, the body kept parsed": async (req) => {
    req.body = JSON.parse(Buffer.from(await rawBody(req)));
  },
  resumed: (req) => {
    req.resume();
  },
  "being read by data": (req) => {
    req.on("data", () => {});
  },
  "being read by data, and paused": (req) => {
    req.on("data", () => {}).pause();
  },
  "being read by readable": (req) => {
    req.on("readable", () => {});
  },
  "being piped": (req) => {
    req.pipe(new PassThrough());
  },
  begun: async (req) => {
    await once(req, "readable");
    req.read(1);
  },
  "parsed, with the stream left": (req) => {
    req.body = { id: "evt_1" };
  },
  "parsed into an array": (req) => {
    req.body = [1];
  },
  "parsed into a number": (req) => {
    req.body = 5;
  },
  "marked by body-parser": (req) => {
    req._body = true;
  },
};

test("a stream that was read, is being read or parsed is refused at once", { timeout }, async () => {
  for (const [what, prepare] of Object.entries(used)) {
    const { handler, events } = receiver();
    const server = createServer(async (req, res) => {
      await prepare(req);
      handler(req, res);
    });
    const errors = await consoleErrors(() =>
      withServer(server, async (url) => {
        const response = await fetch(url, { ...delivery(), signal: AbortSignal.timeout(2000) });
        assert.deepEqual([response.status, await response.text()], [500, ""], what);
      }),
    );
    assert.deepEqual(
      errors.map(({ name, code }) => `${name} ${code}`),
      ["WebhookUsageError body_parsed"],
      what,
    );
    recordFramework("Node", {
      version: "[20, 22, 24, 26](runtimes.md)",
      example: "node/receiver.mjs",
      builds: "`node`",
      mistake: "something else reads the request first",
      says: "Call nodeHandler, or `rawBody`, before anything else reads the request",
      seen: errors[0].message,
    });
    assert.ok(!errors[0].message.includes("evt_"), "the body shows");
    assert.deepEqual(events, []);
  }
});

test("a stream that nobody touched is read, whatever lies beside it", { timeout }, async () => {
  for (const [what, prepare] of Object.entries({
    "Express 4's empty body": (req) => {
      req.body = {};
    },
    "a body of null": (req) => {
      req.body = null;
    },
    "a body that throws": (req) => {
      Object.defineProperty(req, "body", {
        get() {
          throw new SyntaxError("Invalid JSON");
        },
      });
    },
    paused: (req) => {
      req.pause();
    },
    "an encoding": (req) => {
      req.setEncoding("utf8");
    },
    "a `request` that is a text": (req) => {
      req.request = "an application's";
    },
    "a `request` that is null": (req) => {
      req.request = null;
    },
    "what an adapter for Lambda adds": (req) => {
      req.requestContext = {};
    },
    "an `on` of its own, as a tracer leaves, while it is paused": (req) => {
      req.on = req.on.bind(req);
      req.pause();
    },
    "a while later": () => wait(50),
  })) {
    const { handler, events } = receiver({ bodyTimeoutSeconds: 1 });
    const server = createServer(async (req, res) => {
      await prepare(req);
      await handler(req, res);
    });
    await withServer(server, async (url) => assert.equal((await fetch(url, delivery())).status, 204, what));
    assert.deepEqual(events, ["deal.won"], what);
  }
});

test("a request without a body was not parsed", { timeout }, async () => {
  for (const [what, prepare] of Object.entries(used)) {
    if (what.startsWith("parsed") || what.endsWith("parsed") || what === "begun") continue;
    const { handler, refusals } = receiver();
    const server = createServer(async (req, res) => {
      await prepare(req);
      await handler(req, res);
    });
    await withServer(server, async (url) => assert.equal((await fetch(url, { method: "POST" })).status, 400, what));
    assert.deepEqual(refusals, ["malformed_header"], what);
  }
});

test("rawBody: what a host left, in each form", async () => {
  const webhook = new Webhook(SECRET);
  const { body, headers } = delivery();
  const bytes = Buffer.from(body);
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  for (const kept of [bytes, new Uint8Array(bytes), copy, body]) {
    for (const request of [
      { rawBody: kept, body: JSON.parse(body) },
      { body: kept },
      { raw: new IncomingMessage(new Duplex()), rawBody: kept },
      { req: new IncomingMessage(new Duplex()), request: { rawBody: kept } },
      { req: new IncomingMessage(new Duplex()), body: kept },
      // Koa's context: its own body is the response's.
      { req: new IncomingMessage(new Duplex()), request: { body: kept }, body: "the answer" },
      // What an application keeps in `raw` is not Fastify's.
      { raw: bytes, rawBody: kept },
    ]) {
      assert.equal(webhook.verify(await rawBody({ headers: {}, ...request }), lower).type, "deal.won");
    }
  }
});

/** A request as a host may make it: a stream with headers. */
const hosted = (more, read = [Buffer.from("arrived")]) =>
  Object.defineProperties(
    Array.isArray(read) ? Readable.from(read, { objectMode: false }) : new Readable({ read }),
    Object.getOwnPropertyDescriptors({ headers: {}, ...more }),
  );

test("rawBody: a getter that parses is read only once the stream was read", async () => {
  const text = async (request) => Buffer.from(await rawBody(request)).toString();
  const getter = { configurable: true, get: () => "parsed" };
  for (const [what, request] of [
    ["its own", (stream) => Object.defineProperty(stream, "body", getter)],
    ["its own, below a wrapper", (stream) => ({ req: Object.defineProperty(stream, "body", getter), request: {} })],
    ["of its wrapper", (req) => ({ req, request: Object.defineProperty({}, "body", getter) })],
  ]) {
    assert.equal(await text(request(hosted())), "arrived", what);
    const read = hosted();
    await read.toArray();
    assert.equal(await text(request(read)), "parsed", what);
  }
  const read = hosted({ headers: { "content-length": "7" } });
  await read.toArray();
  const failing = {
    get: () => {
      throw new SyntaxError("Invalid JSON");
    },
  };
  await assert.rejects(rawBody(Object.defineProperty(read, "body", failing)), { code: "body_parsed" });
});

test("rawBody: a body that is a part of larger memory gets its own", async () => {
  const chunk = new Uint8Array(Buffer.from("<arrived>")).subarray(1, 8);
  const body = await rawBody(hosted({ headers: { "content-length": "7" } }, [chunk]));
  assert.deepEqual([Buffer.from(body).toString(), body.buffer.byteLength], ["arrived", 7]);
});

test("rawBody: what plugins of Fastify add, and bytes that are no text", async () => {
  const bytes = Buffer.of(0xff, 0xfe);
  for (const more of [{ requestContext: {} }, { httpMethod: "POST" }, {}]) {
    const raw = hosted({ req: {} }, [bytes]);
    assert.deepEqual(Buffer.from(await rawBody({ raw, ...more })), bytes);
  }
});

test("rawBody: whether a stream that ended had a body is in the headers", async () => {
  const ended = { readableEnded: true, on() {}, listenerCount: () => 0 };
  for (const [more, code] of [
    [{}, undefined],
    [{ httpVersionMajor: 1 }, undefined],
    [{ httpVersionMajor: 1, headers: { "content-length": "0" } }, undefined],
    [{ httpVersionMajor: 1, headers: { "content-length": "5" } }, "body_parsed"],
    [{ httpVersionMajor: 1, headers: { "transfer-encoding": "chunked" } }, "body_parsed"],
    [{ httpVersionMajor: 2 }, "body_parsed"],
  ]) {
    const result = await rawBody({ headers: {}, ...ended, ...more }).catch((error) => error);
    assert.deepEqual([result.length ?? result.code, result.code], [code ?? 0, code], JSON.stringify(more));
  }
});

test("rawBody: a destroyed stream was hung up on only if it is incomplete", async () => {
  for (const [more, code] of [
    [{ complete: false }, "ECONNRESET"],
    [{ complete: true }, "body_parsed"],
    [{}, "body_parsed"],
  ]) {
    const stream = hosted({ ...more, headers: { "content-length": "5" } });
    stream.destroy();
    await once(stream, "close");
    const error = await rawBody(stream, { bodyTimeoutSeconds: 1 }).catch((error) => error);
    assert.equal(error.code, code, JSON.stringify(more));
    if (code === "body_parsed") assert.match(error.message, /its stream was destroyed/);
  }
  // In the middle, and without an error.
  const closing = hosted({}, function () {
    this.destroy();
  });
  await assert.rejects(rawBody(closing, { bodyTimeoutSeconds: 1 }), { code: "ECONNRESET" });
});

test("rawBody: a refused stream is left paused, with nobody listening", async () => {
  const long = hosted({}, Array(20).fill("more"));
  await assert.rejects(rawBody(long, { maxBodyBytes: 10 }), { code: "body_too_large" });
  assert.deepEqual(
    ["data", "end", "close"].map((event) => long.listenerCount(event)),
    [0, 0, 0],
  );
  assert.equal(long.isPaused(), true);
  // One that sends before `resume` returns.
  const sudden = Object.assign(new EventEmitter(), { headers: {}, pause() {} });
  sudden.resume = () => sudden.emit("data", Buffer.alloc(11));
  await assert.rejects(rawBody(sudden, { maxBodyBytes: 10 }), { code: "body_too_large" });
  assert.equal(sudden.listenerCount("data"), 0);
});

test("rawBody: the limit, the options, and a client that hangs up", { timeout }, async () => {
  const kept = { headers: {}, rawBody: "éé" };
  assert.equal(await rawBody(kept, { maxBodyBytes: 4 }), "éé");
  await assert.rejects(rawBody(kept, { maxBodyBytes: 2 }), { code: "body_too_large" });
  await assert.rejects(rawBody(kept, { maxBodyBytes: 3 }), {
    name: "WebhookVerificationError",
    code: "body_too_large",
  });
  await assert.rejects(rawBody(kept, { maxBytes: 3 }), { code: "invalid_option" });
  await assert.rejects(rawBody(kept, { maxBodyBytes: 0.5 }), { code: "invalid_option" });
  let failure;
  const server = createServer((req) => (failure = rawBody(req).catch((error) => error)));
  await withServer(server, async (_url, port) => {
    const { socket } = await rawConnection(port);
    socket.write(head(delivery(), "Content-Length: 1000"));
    while (!failure) await wait(5);
    socket.destroy();
    assert.equal((await failure).code, "ECONNRESET");
  });
});

test("rawBody: a client that hung up early, and a host's stream that fails", { timeout: 5000 }, async () => {
  let failure;
  const server = createServer((req) => req.on("close", () => (failure = rawBody(req).catch((error) => error))));
  await withServer(server, async (_url, port) => {
    const { socket } = await rawConnection(port);
    socket.write(head(delivery(), "Content-Length: 1000"));
    await once(server, "request");
    socket.destroy();
    while (!failure) await wait(5);
    assert.equal((await failure).code, "ECONNRESET");
  });
  const failing = new Readable({
    read() {
      this.destroy(new Error("the host's"));
    },
  });
  await assert.rejects(rawBody(Object.assign(failing, { headers: {} })), { code: "ECONNRESET" });
});

test("what is no request is not_a_request, and the message says what to pass", async () => {
  for (const [request, words] of [
    [undefined, /got undefined/],
    [null, /got null/],
    [{ headers: null }, /got an object/],
    [new Request("http://x.example"), /a Request.*fetchHandler/],
    ["{}", /got a string/],
    [{}, /got an object/],
    [{ headers: {} }, /without a body and without a stream/],
    [new Request("http://x.example", { method: "POST", body: "{}" }), /a Request.*fetchHandler/],
  ]) {
    await assert.rejects(
      rawBody(request),
      ({ name, code, message, details }) =>
        `${name} ${code}` === "WebhookUsageError not_a_request" &&
        words.test(message) &&
        message.includes(details.received),
    );
  }
  const { handler } = receiver();
  await assert.rejects(
    handler({ headers: {}, req: {} }, () => {}),
    { code: "not_a_request" },
  );
  await assert.rejects(
    handler({ headers: {} }, () => {}),
    { code: "not_a_request", message: /ctx\.req, ctx\.res/ },
  );
  for (const response of [undefined, null, "x", {}])
    await assert.rejects(handler({ headers: {} }, response), { code: "not_a_request" });
});

test("a host's request and response need no more than a handler uses", async () => {
  const tooMuch = Buffer.alloc(9_000_000);
  for (const [what, parts, called] of [
    ["nothing to cut off", {}, ["end"]],
    ["a connection", { request: "destroy" }, ["end", "destroy"]],
    ["nothing more to arrive", { request: "destroy", readableEnded: true }, ["end"]],
    ["a stream of HTTP/2", { request: "destroy", stream: "close" }, ["end", "close"]],
    ["a stream that cannot be closed", { request: "destroy", stream: "" }, ["end"]],
  ]) {
    const calls = [];
    const note = (name) => name && { [name]: () => calls.push(name) };
    const { handler } = receiver();
    const request = Object.assign(new EventEmitter(), { method: "POST", headers: {}, ...note(parts.request) });
    request.resume = () =>
      queueMicrotask(() => {
        request.readableEnded = parts.readableEnded;
        request.emit(parts.readableEnded ? "end" : "data", tooMuch);
      });
    const response = { headersSent: false, setHeader() {}, ...note("end") };
    if ("stream" in parts) response.stream = { ...note(parts.stream) };
    await handler(request, response);
    await wait(20);
    assert.deepEqual([response.statusCode, calls], [400, called], what);
  }
});

test("a host's refusal that closes ends once the rest is discarded", async () => {
  const { method, headers } = delivery();
  const tooLong = { "dealix-signature": headers["Dealix-Signature"], "content-length": "2000000" };
  for (const [more, flushHeaders, called, closes] of [
    [{}, undefined, [], true],
    [{ httpVersionMajor: 1 }, "flushHeaders", ["flushHeaders"], true],
    [{ httpVersionMajor: 2 }, "flushHeaders", ["end"], false],
  ]) {
    const [calls, names] = [[], []];
    const note = (name) => name && { [name]: () => calls.push(name) };
    const request = Object.assign(new EventEmitter(), { method, headers: tooLong, ...more, resume() {}, pause() {} });
    const setHeader = (name) => names.push(name);
    const response = { headersSent: false, setHeader, ...note(flushHeaders), ...note("end") };
    await receiver().handler(request, response);
    assert.deepEqual([response.statusCode, calls], [413, called]);
    assert.deepEqual(names, closes ? ["Content-Length", "Connection"] : []);
    request.readableEnded = true;
    request.emit("end");
    assert.equal(calls.at(-1), "end");
  }
});

test("a host's request without a stream is refused as any other", async () => {
  const calls = [];
  const response = { headersSent: false, setHeader() {}, end: () => calls.push("end") };
  await receiver().handler({ method: "POST", headers: {}, rawBody: "{}" }, response);
  assert.deepEqual([response.statusCode, calls], [400, ["end"]]);
});

test("HTTP/2: a body without a length, a refusal, and one that is too long", { timeout }, async () => {
  const { handler, events } = receiver();
  const server = createHttp2Server(handler);
  const warnings = [];
  const onWarning = ({ name, message }) => warnings.push(`${name} ${message}`);
  process.on("warning", onWarning);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectHttp2(`http://127.0.0.1:${server.address().port}`);
  try {
    for (const [request, status] of [
      [delivery(), 204],
      [delivery({ secret: "other" }), 400],
      [delivery({ body: big }), 413],
    ]) {
      const stream = client.request({
        ":method": "POST",
        ":path": PATH,
        "dealix-signature": request.headers["Dealix-Signature"],
      });
      stream.on("error", () => {}).end(request.body);
      const [headers] = await once(stream, "response");
      assert.equal(headers[":status"], status);
      stream.close();
    }
  } finally {
    client.close();
    server.close();
    process.off("warning", onWarning);
  }
  assert.deepEqual([events, warnings], [["deal.won"], []]);
});

test("HTTP/2: a client that goes on sending after its 413 is cut off", { timeout }, async () => {
  const { handler } = receiver({ maxBodyBytes: 1000 });
  const server = createHttp2Server(handler);
  const closed = [];
  server.on("stream", (stream) => closed.push(once(stream, "close")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectHttp2(`http://127.0.0.1:${server.address().port}`);
  try {
    for (const length of [undefined, "1000000000"]) {
      const signature = delivery().headers["Dealix-Signature"];
      const stream = client.request({
        ":method": "POST",
        ":path": PATH,
        "dealix-signature": signature,
        ...(length && { "content-length": length }),
      });
      stream.on("error", () => {});
      const sending = setInterval(() => stream.writable && stream.write(new Uint8Array(1001)), 10);
      const [headers] = await once(stream, "response");
      assert.equal(headers[":status"], 413);
      const cutOff = await Promise.race([closed.at(-1).then(() => true), wait(6000).then(() => false)]);
      clearInterval(sending);
      assert.ok(cutOff, "the stream is still open");
    }
  } finally {
    client.destroy();
    server.close();
  }
});
