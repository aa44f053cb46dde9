// Responses that are no proper response: `check`, `send`, `replay` and `listen --forward-to` all report them.
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { withFolder } from "./runtimes/folder.mjs";
import { listen, run } from "./support/command.mjs";
import { send } from "./support/target.mjs";

/** A server whose responses are these bytes, after which it closes the connection or keeps it open. */
async function responds(t, bytes, { staysOpen = false } = {}) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.once("data", () => (staysOpen ? socket.write(bytes) : socket.end(bytes)));
  });
  server.listen(0, "127.0.0.1");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}/hook`;
}

const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const odd = (status) => `HTTP/1.1 ${status} Odd\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
const cut = (status) => `HTTP/1.1 ${status} Cut\r\nContent-Length: 100\r\nConnection: close\r\n\r\nthe start`;

for (const [name, bytes, staysOpen, status] of [
  ["an unrequested 101", SWITCH, true, 101],
  ["a status over 599", odd(799), false, 799],
]) {
  test(`cli: ${name} is not taken for a response or a redirect`, { timeout: 60_000 }, async (t) => {
    const url = await responds(t, bytes, { staysOpen });
    const { code, stdout } = await run(["check", "--to", url, "--json"]);
    const words = new RegExp(`^It answers ${status} even to a genuine delivery: This is not the status of an HTTP`);
    assert.match(JSON.parse(stdout).error, words);
    assert.equal(code, 2);
    const { url: own, line } = await listen(t, ["--json", "--forward-to", url]);
    assert.equal((await send(own)).status, 502);
    const { forwarded } = JSON.parse(await line());
    assert.deepEqual([forwarded.status, forwarded.answered], [status, 502]);
    assert.match(forwarded.advice, /^This is not the status of an HTTP response/);
  });
}

test("cli: a response that breaks off keeps its status", { timeout: 60_000 }, async (t) => {
  const [accepts, refuses] = [await responds(t, cut(200)), await responds(t, cut(400))];
  for (const [url, status] of [
    [accepts, 200],
    [refuses, 400],
  ]) {
    const { url: own, line } = await listen(t, ["--forward-to", url]);
    assert.equal((await send(own)).status, status);
    await line();
    assert.match(await line(), new RegExp(`answered ${status} after \\d+ ms, but the response broke off`));
    const sent = await run(["send", "--to", url, "--type", "deal.won"]);
    assert.equal(sent.code, status === 200 ? 0 : 1);
    assert.match(
      sent.stdout,
      new RegExp(`answered ${status} after \\d+ ms, but the response broke off[^]*\nthe start`),
    );
  }
  const card = JSON.parse((await run(["check", "--to", refuses, "--json"])).stdout);
  assert.match(card.error, /^It answers 400 even to a genuine delivery/);
  await withFolder(async (folder) => {
    writeFileSync(join(folder, "1.json"), JSON.stringify({ method: "POST", headers: [], body: "" }));
    const { code, stdout } = await run(["replay", folder, "--to", accepts, "--json"]);
    assert.deepEqual([code, JSON.parse(stdout).status, JSON.parse(stdout).brokeOff], [0, 200, true]);
  });
});
