// `listen` behind a public tunnel: what anybody can send neither loops nor fills the memory.
import assert from "node:assert/strict";
import { once } from "node:events";

import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { withFolder } from "./runtimes/folder.mjs";
import { listen } from "./support/command.mjs";
import { send, target } from "./support/target.mjs";

const MIB = 1024 * 1024;

/** A tunnel: a TCP relay to a port that is known later. */
async function relay(t) {
  const tunnel = { port: 0, connections: 0, url: "" };
  const server = createServer((socket) => {
    tunnel.connections += 1;
    const onward = connect(tunnel.port, "127.0.0.1").on("error", () => {});
    socket
      .on("error", () => {})
      .pipe(onward)
      .pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  tunnel.url = `http://127.0.0.1:${server.address().port}/`;
  return tunnel;
}

test("cli: listen ends a forwarding loop through any address", { timeout: 60_000 }, async (t) => {
  const tunnel = await relay(t);
  const { url, line } = await listen(t, ["--json", "--forward-to", tunnel.url]);
  tunnel.port = Number(new URL(url).port);
  for (const options of [{}, { secret: "whsec_other" }]) {
    tunnel.connections = 0;
    assert.equal((await send(url, {}, options)).status, 508);
    assert.equal(tunnel.connections, 1);
    const { forwarded } = JSON.parse(await line());
    assert.equal(forwarded.status, 508);
    assert.match(forwarded.advice, /^--forward-to is the address of this command itself: use your receiver's address/);
  }
});

test("cli: a loop through two of them ends, and no file keeps the mark", { timeout: 60_000 }, (t) =>
  withFolder(async (folder) => {
    const tunnel = await relay(t);
    const second = await listen(t, ["--json", "--forward-to", tunnel.url, "--save", folder]);
    const first = await listen(t, ["--forward-to", second.url]);
    tunnel.port = Number(new URL(first.url).port);
    assert.equal((await send(first.url)).status, 508);
    assert.equal(tunnel.connections, 1);
    const { saved } = JSON.parse(await second.line());
    assert.doesNotMatch(readFileSync(saved, "utf8"), /forwarded-by/i);
  }),
);

test("cli: listen bounds the memory for all bodies that are arriving", { timeout: 60_000 }, async (t) => {
  const { url } = await listen(t, ["--json"]);
  const part = Buffer.alloc(MIB - 1, "x");
  const statuses = [];
  const sockets = Array.from({ length: 80 }, () => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
    socket.once("data", (bytes) => statuses.push(String(bytes).slice(9, 12)));
    socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${MIB}\r\n\r\n`);
    socket.write(part);
    return socket;
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  while (statuses.length < 10) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(new Set(statuses), new Set(["503"]));
  assert.equal((await send(url)).status, 204);
});

test("cli: listen forwards 64 at once, and has the others retried", { timeout: 60_000 }, async (t) => {
  const held = [];
  const { got, url: to } = await target(t, (_request, response) => held.push(response));
  const { url, line } = await listen(t, ["--json", "--forward-to", to]);
  const all = Array.from({ length: 66 }, () => send(url));
  const lines = [JSON.parse(await line()), JSON.parse(await line())];
  for (const { valid, forwarded } of lines) {
    assert.deepEqual([valid, forwarded.status, forwarded.answered], [true, null, 503]);
    assert.match(forwarded.advice, /neither passed on nor saved: 64 others are in progress/);
  }
  while (held.length < 64) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const response of held) response.writeHead(204).end();
  const statuses = (await Promise.all(all)).map(({ status }) => status);
  assert.deepEqual(statuses.toSorted(), [...Array(64).fill(204), 503, 503]);
  assert.equal(got.length, 64);
  const next = send(url);
  while (held.length < 65) await new Promise((resolve) => setTimeout(resolve, 20));
  held.at(-1).writeHead(204).end();
  assert.equal((await next).status, 204);
});
