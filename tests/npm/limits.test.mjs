// What a receiver takes of slow and of many clients, and what it does before it reads a body.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { lambdaHandler, nodeHandler, rawBody, verifyLambda } from "@dealix/webhooks/node";
import { fetchHandler, Webhook } from "@dealix/webhooks";
import { withFolder } from "./runtimes/folder.mjs";
import { manifest } from "./runtimes/process.mjs";
import { consoleErrors, delivery, head, rawConnection, SECRET, wait, withServer } from "./support/http.mjs";

const timeout = 30_000;
setFlagsFromString("--expose-gc");

/** A receiver, and what came of it. */
function receiver(options = {}) {
  const events = [];
  const refusals = [];
  const reads = [];
  const handler = nodeHandler({
    secret: SECRET,
    onEvent: ({ type }) => events.push(type),
    onError: ({ code }) => refusals.push(code),
    ...options,
  });
  const server = createServer((req, res) => {
    reads.push(req);
    return handler(req, res);
  });
  return { events, refusals, handler, server, reads };
}

const one = (request) => head(request, `Content-Length: ${Buffer.byteLength(request.body)}`) + request.body;
const unsigned = { headers: {} };

test("a body that does not arrive in time: 408, and the connection closes", { timeout }, async () => {
  const { server, refusals } = receiver({ bodyTimeoutSeconds: 1 });
  await withServer(server, async (_url, port) => {
    for (const drip of ["", "x"]) {
      const { socket, until, ended, failures } = await rawConnection(port);
      const from = Date.now();
      socket.write(head(delivery(), "Content-Length: 1000"));
      const dripping = setInterval(() => socket.write(drip), 100);
      assert.match(await until(/\r\n\r\n/), /^HTTP\/1\.1 408 .*\r\n(.*\r\n)*Connection: close\r\n/);
      clearInterval(dripping);
      assert.ok(Date.now() - from > 900 && Date.now() - from < 2500, "the time is for all of the body");
      socket.end();
      await ended;
      assert.deepEqual(failures, []);
    }
  });
  assert.deepEqual(refusals, ["body_timeout", "body_timeout"]);
});

test("rawBody: its own time, and no timer keeps the process alive", { timeout }, async () => {
  const stalled = () => Object.assign(new Readable({ read() {} }), { headers: {} });
  const alive = setTimeout(() => {}, timeout);
  const error = await rawBody(stalled(), { bodyTimeoutSeconds: 1 }).catch((error) => error);
  clearTimeout(alive);
  assert.deepEqual(
    [error.name, error.code, error.details],
    ["WebhookVerificationError", "body_timeout", { bodyTimeoutSeconds: 1 }],
  );
  for (const bodyTimeoutSeconds of [0, -1, 0.5, "1", Infinity]) {
    await assert.rejects(rawBody(stalled(), { bodyTimeoutSeconds }), { code: "invalid_option" });
  }
  const script = `import { PassThrough, Readable } from "node:stream"; import { rawBody } from "@dealix/webhooks/node";
    void rawBody(Object.assign(new Readable({ read() {} }), { headers: {} }), { bodyTimeoutSeconds: 3_000_000 });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    timeout: 20_000,
    stdio: "inherit",
  });
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("the options of the limits are checked at start-up", () => {
  for (const options of [
    { bodyTimeoutSeconds: 0 },
    { bodyTimeoutSeconds: 1.5 },
    { maxBufferedBytes: 1024 * 1024 - 1 },
    { maxBufferedBytes: 99, maxBodyBytes: 100 },
    { maxBufferedBytes: NaN },
  ]) {
    const wrong = { name: "WebhookConfigurationError", code: "invalid_option" };
    for (const make of [() => receiver(options), () => new Webhook(SECRET, options)]) {
      assert.throws(
        make,
        (error) => {
          assert.deepEqual({ name: error.name, code: error.code }, wrong);
          return error.details.option === Object.keys(options)[0];
        },
        JSON.stringify(options),
      );
    }
  }
  receiver({ maxBufferedBytes: 100, maxBodyBytes: 100 });
  receiver({ maxBodyBytes: 2 ** 30 });
});

test("beyond maxBufferedBytes the oldest body makes room", { timeout }, async () => {
  const { server, refusals, events } = receiver({ maxBodyBytes: 10_000, maxBufferedBytes: 30_000 });
  await withServer(server, async (url, port) => {
    const stalled = [];
    for (let n = 0; n < 6; n += 1) {
      const client = await rawConnection(port);
      client.socket.write(`${head(delivery(), "Content-Length: 9000")}${"x".repeat(6000)}`);
      await wait(20);
      stalled.push(client);
    }
    await stalled[0].until(/^HTTP\/1\.1 503 .*\r\n(.*\r\n)*Connection: close\r\n/);
    assert.ok(
      stalled.slice(-2).every(({ received }) => received() === ""),
      "the youngest are waited for",
    );
    for (let n = 0; n < 20; n += 1) assert.equal((await fetch(url, delivery())).status, 204);
    // What was announced and has not arrived is not counted.
    for (let n = 0; n < 20; n += 1) (await rawConnection(port)).socket.write(head(delivery(), "Content-Length: 10000"));
    await wait(50);
    assert.equal((await fetch(url, delivery())).status, 204);
  });
  assert.equal(events.length, 21);
  assert.ok(refusals.length >= 1 && refusals.every((code) => code === "receiver_busy"), refusals.join());
});

test("by default, 64 bodies of 1 MiB may arrive at once", { timeout }, async () => {
  const webhook = new Webhook(SECRET);
  const mebibyte = new Uint8Array(1024 * 1024);
  const { method, headers } = delivery();
  const codes = [];
  for (let count = 1; count <= 65; count += 1) {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(mebibyte) });
    const request = { method, headers: new Headers(headers), body, arrayBuffer() {} };
    webhook.verifyRequest(request).catch(({ code, details }) => codes.push([code, details, count]));
    await wait(0);
    if (count === 64) assert.deepEqual(codes, []);
  }
  assert.deepEqual(codes.slice(0, 1), [["receiver_busy", { maxBufferedBytes: 64 * 1024 * 1024 }, 1]]);
});

test("a body's memory is released however the body ends", { timeout }, async () => {
  const { server, refusals, events } = receiver({
    maxBodyBytes: 10_000,
    maxBufferedBytes: 10_000,
    bodyTimeoutSeconds: 1,
  });
  await withServer(server, async (url, port) => {
    for (let round = 0; round < 3; round += 1) {
      const gone = await rawConnection(port);
      gone.socket.write(`${head(delivery(), "Content-Length: 9000")}${"x".repeat(8000)}`);
      await wait(50);
      gone.socket.destroy();
      await wait(50);
      const slow = await rawConnection(port);
      slow.socket.write(`${head(delivery(), "Content-Length: 9000")}${"x".repeat(8000)}`);
      await slow.until(/ 408 /);
      const chunked = new ReadableStream({
        start(c) {
          c.enqueue(new Uint8Array(9000));
          c.enqueue(new Uint8Array(9000));
          c.close();
        },
      });
      assert.equal((await fetch(url, { ...delivery(), body: chunked, duplex: "half" })).status, 413);
      assert.equal((await fetch(url, delivery({ body: "x".repeat(9000) }))).status, 400);
      assert.equal((await fetch(url, delivery())).status, 204);
    }
  });
  assert.equal(events.length, 3);
  assert.ok(!refusals.includes("receiver_busy"), refusals.join());
});

test("what a source adds after its refusal takes nothing", { timeout }, async () => {
  const limits = { maxBodyBytes: 1000, maxBufferedBytes: 1000, bodyTimeoutSeconds: 1 };
  const { handler, refusals, events } = receiver(limits);
  // As the helpers of Vercel's Node functions play a body back: nothing stops it.
  const playedBack = (req) => {
    const replica = new PassThrough();
    req.read = replica.read.bind(replica);
    req.on = (name, listener) => replica.on(name, listener);
    for (const length of [900, 200, 90]) replica.write(Buffer.alloc(length));
    replica.end();
    return req;
  };
  const server = createServer(async (req, res) => handler(req.headers["x-played"] ? playedBack(req) : req, res));
  await withServer(server, async (url) => {
    for (let n = 0; n < 3; n += 1) {
      assert.equal((await fetch(url, delivery({ headers: { "X-Played": "1" } }))).status, 413);
      assert.equal((await fetch(url, delivery())).status, 204);
    }
  });
  assert.deepEqual([refusals, events.length], [["body_too_large", "body_too_large", "body_too_large"], 3]);

  // As node-fetch's Request, and Firefox's: the body comes whole, and here too late.
  const receive = fetchHandler({ secret: SECRET, onEvent() {}, onError() {}, ...limits });
  const { headers } = delivery();
  const late = {
    method: "POST",
    headers: new Headers(headers),
    arrayBuffer: () => wait(1100).then(() => new ArrayBuffer(1000)),
  };
  assert.equal((await receive(late)).status, 408);
  await wait(300);
  assert.equal((await receive(new Request("http://receiver.example/", delivery()))).status, 204);
});

test("a whole body in one chunk: what its source does to it afterwards", { timeout }, async () => {
  const { headers, body } = delivery();
  const length = Buffer.byteLength(body);
  const webhook = new Webhook(SECRET);
  /** A request whose body is one chunk that is announced as all of it, and then what `after` does. */
  const request = (after) => {
    const chunk = new Uint8Array(Buffer.from(body));
    const stream = new ReadableStream(
      {
        start: (controller) => controller.enqueue(chunk),
        pull(controller) {
          after(chunk, controller);
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const more = { "content-length": String(length) };
    return { method: "POST", headers: new Headers({ ...headers, ...more }), body: stream, arrayBuffer() {} };
  };
  assert.equal((await webhook.verifyRequest(request(() => {}))).type, JSON.parse(body).type);
  // In two views of one buffer, of which the last ends where the body does; and after nothing.
  const bytes = new Uint8Array(Buffer.from(body));
  for (const chunks of [
    [bytes.subarray(0, 5), bytes.subarray(5)],
    [new Uint8Array(), bytes],
  ]) {
    const inChunks = { ...request(() => {}), body: ReadableStream.from(chunks) };
    assert.equal((await webhook.verifyRequest(inChunks)).type, JSON.parse(body).type);
  }
  for (const [after, code] of [
    [(chunk) => chunk.fill(32), "signature_mismatch"],
    [(_, controller) => controller.enqueue(Buffer.from("more")), "signature_mismatch"],
    [transfer, "body_detached"],
    [(chunk, controller) => controller.enqueue(Buffer.from(transfer(chunk) && "more")), "signature_mismatch"],
  ]) {
    await assert.rejects(webhook.verifyRequest(request(after)), { code });
  }
});

test("a caller may transfer every body, also an empty one", { timeout }, async () => {
  const buffers = new Set();
  const server = createServer(async (req, res) => {
    const bytes = await rawBody(req);
    buffers.add(bytes.buffer);
    res.end(String(transfer(bytes).byteLength));
  });
  await withServer(server, async (url) => {
    const body = new Blob(["x".repeat(300)]).stream();
    for (const [sent, length] of [
      ["", "0"],
      ["", "0"],
      [body, "300"],
      ["x", "1"],
    ]) {
      const response = await fetch(url, { method: "POST", body: sent, duplex: "half" });
      assert.equal(await response.text(), length);
    }
  });
  assert.equal(buffers.size, 4, "no two bodies share memory");
});

/** Gives the memory away: the view that is left has no length. */
function transfer({ buffer }) {
  return structuredClone(buffer, { transfer: [buffer] });
}

test("a bad header is refused before the body is read", { timeout }, async () => {
  const { "Dealix-Signature": signature } = delivery().headers;
  for (const [header, code] of [
    [undefined, "malformed_header"],
    ["", "malformed_header"],
    ["x".repeat(9000), "malformed_header"],
    ["t=1,v1=x", "stale_signature"],
    ["v1=x,v0=x", "bad_timestamp"],
    [signature.replace("v1=", "v0="), "missing_v1"],
  ]) {
    const wasRead = [];
    const { server, refusals, reads } = receiver({
      onError: ({ code }) => (refusals.push(code), wasRead.push(reads.at(-1).readableDidRead)),
    });
    await withServer(server, async (_url, port) => {
      const { until, socket } = await rawConnection(port);
      socket.write(
        head({ headers: header === undefined ? {} : { "Dealix-Signature": header } }, "Content-Length: 1000"),
      );
      await until(/^HTTP\/1\.1 400 /);
    });
    assert.deepEqual([refusals, wasRead], [[code], [false]], header);
  }
});

test("a refused request's small body is skipped, and the next one served", { timeout }, async () => {
  const { server, events } = receiver();
  await withServer(server, async (_url, port) => {
    const { socket, received, until } = await rawConnection(port);
    socket.write(
      [
        one({ ...unsigned, body: "x".repeat(1000) }),
        one(delivery()),
        one({ ...unsigned, body: "" }),
        one(delivery()),
      ].join(""),
    );
    await until(/(HTTP\/1\.1 [^]*){4}/);
    socket.write(head(unsigned, "Transfer-Encoding: chunked"));
    await until(/(HTTP\/1\.1 [^]*){5}/);
    socket.write(`3\r\nabc\r\n0\r\n\r\n${one(delivery())}`);
    await until(/(HTTP\/1\.1 [^]*){6}/);
    assert.deepEqual(
      Array.from(received().matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => status),
      ["400", "204", "400", "204", "400", "204"],
    );
    assert.ok(!/Connection: close/.test(received()));
  });
  assert.equal(events.length, 3);
});

test("a refused client that goes on sending, or stalls, is cut off", { timeout }, async () => {
  const { server } = receiver();
  await withServer(server, async (_url, port) => {
    for (const [lines, pattern] of [
      [["Transfer-Encoding: chunked"], /^HTTP\/1\.1 400 /],
      [["Content-Length: 1000000000"], /^HTTP\/1\.1 400 [^]*Connection: close/],
    ]) {
      const fast = await rawConnection(port);
      fast.socket.write(head(unsigned, ...lines));
      const megabyte = Buffer.from(
        lines[0].startsWith("T") ? `f4240\r\n${"x".repeat(1_000_000)}\r\n` : "x".repeat(1_000_000),
      );
      let sent = 0;
      for (; sent < 100 && !fast.socket.destroyed; sent += 1)
        await new Promise((resolve) => fast.socket.write(megabyte, resolve));
      assert.ok(sent < 40, `${sent} MB were taken`);
      assert.match(fast.received(), pattern);

      const idle = await rawConnection(port);
      idle.socket.write(head(unsigned, ...lines));
      await idle.until(pattern);
      const from = Date.now();
      await idle.ended;
      assert.ok(Date.now() - from < 4000, "an idle client is not waited for");
    }
  });
});

test("8 MiB of a refused body are skipped, and more closes the connection", { timeout }, async () => {
  const { server } = receiver();
  await withServer(server, async (_url, port) => {
    const most = 8 * 1024 * 1024;
    const { socket, until } = await rawConnection(port);
    socket.write(head(unsigned, `Content-Length: ${most}`));
    assert.doesNotMatch(await until(/^HTTP\/1\.1 400 [^]*\r\n\r\n/), /Connection: close/);
    socket.write(Buffer.alloc(most));
    socket.write(one(delivery()));
    await until(/HTTP\/1\.1 204 /);
    const other = await rawConnection(port);
    other.socket.write(head(unsigned, `Content-Length: ${most + 1}`));
    await other.until(/^HTTP\/1\.1 400 [^]*Connection: close/);
  });
});

test("a parsed request: a bad header is reported before the parser", { timeout }, async () => {
  const { handler, refusals } = receiver();
  const server = createServer((req, res) => handler(Object.assign(req, { body: { id: "evt_1" } }), res));
  const errors = await consoleErrors(() =>
    withServer(server, async (url) => {
      assert.equal((await fetch(url, { method: "POST", body: "{}" })).status, 400);
      assert.equal((await fetch(url, delivery())).status, 500);
    }),
  );
  assert.deepEqual([refusals, errors.map(({ code }) => code)], [["malformed_header"], ["body_parsed"]]);
});

test("verifyLambda does not decode a body whose header is refused", () => {
  const event = {
    httpMethod: "POST",
    headers: {},
    requestContext: {},
    isBase64Encoded: true,
    get body() {
      assert.fail("the body was read");
    },
  };
  assert.throws(() => verifyLambda(new Webhook(SECRET), event), { code: "malformed_header" });
});

test("a client that is gone before the handler begins is nobody's mistake", { timeout }, async () => {
  const passed = [];
  const { handler, refusals } = receiver();
  const server = createServer((req, res) => req.on("close", () => handler(req, res, (error) => passed.push(error))));
  await withServer(server, async (_url, port) => {
    for (const body of ["x".repeat(500), "x".repeat(1000)]) {
      const { socket } = await rawConnection(port);
      const arrived = once(server, "request");
      socket.write(head(delivery(), "Content-Length: 1000") + body);
      const [request] = await arrived;
      await wait(30);
      socket.resetAndDestroy();
      await new Promise((resolve) => request.on("close", resolve));
      await wait(30);
    }
  });
  assert.deepEqual([passed, refusals], [[], []]);
});

test("a refusal's log line is bounded, and cannot steer a terminal", async () => {
  const { warn } = console;
  const lines = [];
  console.warn = (...words) => lines.push(words);
  try {
    const headers = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`x-${n}\x1b[31m\r\n\u202e\u2028${"y".repeat(50)}`, "1"]),
    );
    await lambdaHandler({ secret: SECRET, onEvent() {} })({
      httpMethod: "POST",
      headers,
      requestContext: {},
      body: "{}",
    });
  } finally {
    console.warn = warn;
  }
  const [[line]] = lines;
  assert.deepEqual([lines.length, lines[0].length], [1, 1]);
  assert.match(line, /^WebhookVerificationError malformed_header: There is no Dealix-Signature header[ -~]*$/);
  assert.match(line, /x-0\?\[31m\?\?\?\?y/);
  assert.ok(line.length < 1200, `${line.length} characters`);
});

test("a wrapped secret is warned of once, and a console may be missing", async (t) => {
  const { console } = globalThis;
  const warn = t.mock.method(console, "warn", () => {});
  for (const count of [1, 0]) {
    await withFolder(async (folder) => {
      await cp(manifest("@dealix/webhooks").folder, folder, { recursive: true });
      const copy = await import(pathToFileURL(join(folder, "dist/index.js")));
      try {
        if (count === 0) delete globalThis.console;
        for (let round = 0; round < 3; round += 1) new copy.Webhook(["whsec_plain", "whsec_wrapped\n"]);
      } finally {
        Object.assign(globalThis, { console });
      }
    });
  }
  assert.equal(warn.mock.callCount(), 1);
  assert.match(warn.mock.calls[0].arguments[0], /Secret 2 of 2 begins or ends with white space/);
});

test("memory: what stalled bodies hold is bounded, and let go", { timeout }, async () => {
  const gc = runInNewContext("gc");
  const held = async () => {
    for (let round = 0; round < 3; round += 1) gc(), await wait(20);
    return process.memoryUsage().arrayBuffers / 1e6;
  };
  const { server, refusals } = receiver({
    maxBodyBytes: 1_000_000,
    maxBufferedBytes: 4_000_000,
    bodyTimeoutSeconds: 3,
  });
  await withServer(server, async (_url, port) => {
    // What earlier tests held is not always let go at once.
    while ((await held()) > 1) await wait(20);
    const before = await held();
    for (let n = 0; n < 40; n += 1) {
      const { socket } = await rawConnection(port);
      await new Promise((resolve) =>
        socket.write(`${head(delivery(), "Content-Length: 1000000")}${"x".repeat(900_000)}`, resolve),
      );
    }
    while (refusals.length < 36) await wait(20);
    const during = (await held()) - before;
    assert.ok(during > 1 && during < 6, `40 bodies of 900 kB hold ${during} MB`);
    while (refusals.length < 40) await wait(20);
    const after = (await held()) - before;
    assert.ok(after < 1, `after their time they hold ${after} MB`);
  });
  assert.deepEqual(new Set(refusals), new Set(["receiver_busy", "body_timeout"]));
});
