// The receivers of examples/, each started for real and sent real HTTP.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { makeEvent, signedRequest } from "@dealix/webhooks/testing";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";

const SECRET = "whsec_examples";
const examples = join(import.meta.dirname, "../../examples");
const event = makeEvent({ type: "deal.won", data: { name: "شركة 😀" } });

/** What each receiver must answer, as [what, request, status]; every body of an answer is empty. */
async function deliveries(url) {
  const genuine = (options) => signedRequest({ secret: SECRET, event, url, ...options });
  const { headers } = genuine();
  return [
    ["a genuine delivery", genuine(), 204],
    ["another secret's", genuine({ secret: "other" }), 400],
    ["an old one", genuine({ timestamp: 1_700_000_000 }), 400],
    ["another body", new Request(url, { method: "POST", headers, body: "{}" }), 400],
    ["no header", new Request(url, { method: "POST", body: "{}" }), 400],
    ["no header and no body", new Request(url, { method: "POST" }), 400],
    ["a header and no body", new Request(url, { method: "POST", headers: { "dealix-signature": headers.get("dealix-signature") } }), 400],
    ["no JSON by its type", new Request(genuine(), { headers: { "dealix-signature": headers.get("dealix-signature"), "content-type": "text/plain" } }), 204],
    ["2 MB", new Request(url, { method: "POST", headers, body: "x".repeat(2_000_000) }), 413],
  ];
}

async function checkAnswers(url, send = fetch) {
  for (const [what, request, status] of await deliveries(url)) {
    const response = await send(request);
    assert.equal(response.status, status, what);
    const answer = await response.text();
    // Express words its own 413.
    if (status !== 413) assert.equal(answer, "", what);
  }
}

for (const receiver of ["node", "express"]) {
  test(`${receiver} receiver`, { timeout: 60_000 }, async () => {
    const server = start(receiver, ["receiver.mjs"], { DEALIX_WEBHOOK_SECRET: SECRET, PORT: "0" });
    try {
      const url = await server.url(/http:\S+/);
      await checkAnswers(url);
      await hangUpHalfWay(url);
      assert.equal((await fetch(signedRequest({ secret: SECRET, event, url }))).status, 204, "after a client hung up");
    } finally {
      await server.stop();
    }
  });

  test(`${receiver} receiver: an unset secret fails at start-up`, { timeout: 20_000 }, async () => {
    const server = start(receiver, ["receiver.mjs"], { DEALIX_WEBHOOK_SECRET: "", PORT: "0" });
    const [code] = await once(server.process, "exit");
    assert.equal(code, 1);
    assert.match(server.errors(), /empty_secret/);
  });
}

test("worker: each event once, remembered by its Durable Object", { timeout: 60_000 }, async () => {
  const modules = await bundleWorker(join(examples, "worker/worker.mjs"));
  const printed = [];
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(examples, "worker/wrangler.toml"));
  const worker = new Miniflare({
    ...workerOptions,
    modules,
    modulesRoot: "/",
    bindings: { DEALIX_WEBHOOK_SECRET: SECRET },
    handleRuntimeStdio: (output) => createInterface({ input: output }).on("line", (line) => printed.push(line)),
  });
  try {
    const url = new URL("/webhooks/dealix", await worker.ready);
    await checkAnswers(url.href);
    assert.equal((await fetch(url)).status, 405);
    for (const [id, times] of [["evt_once", 3], ["evt_other", 1]]) {
      for (let time = 0; time < times; time += 1) {
        const request = signedRequest({ secret: SECRET, event: { ...event, id }, url, timestamp: Math.floor(Date.now() / 1000) - time });
        assert.equal((await fetch(request)).status, 204);
      }
    }
    const handled = () => printed.filter((line) => line.startsWith("deal.won "));
    for (const started = Date.now(); !handled().includes("deal.won evt_other"); await wait(20)) {
      assert.ok(Date.now() - started < 10_000, printed.join("\n"));
    }
    assert.deepEqual(handled(), [`deal.won ${event.id}`, "deal.won evt_once", "deal.won evt_other"]);
  } finally {
    await worker.dispose();
  }
});

test("worker: wrangler bundles it with its binding", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "dealix-wrangler-"));
  try {
    const env = { WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: folder, CI: "1", XDG_CONFIG_HOME: folder };
    const deploy = start("worker", [wrangler(), "deploy", "--dry-run", "--outdir", folder], env);
    const [code] = await once(deploy.process, "close");
    assert.equal(code, 0, deploy.errors());
    assert.match(deploy.errors(), /REPLAY_GUARD \(ReplayDurableObject\)/);
    const files = readdirSync(folder);
    assert.equal(files.filter((name) => name.endsWith(".wasm")).length, 1, files.join());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("next: app router, Node and edge runtime", { timeout: 300_000 }, async () => {
  // Built without the secret, as in a container's build.
  const build = start("next", [next(), "build"], { DEALIX_WEBHOOK_SECRET: "" });
  const [code] = await once(build.process, "exit");
  assert.equal(code, 0, build.errors());
  const server = start("next", [next(), "start", "--port", "0", "--hostname", "127.0.0.1"], { DEALIX_WEBHOOK_SECRET: SECRET });
  try {
    const url = await server.url(/http:\/\/127\.0\.0\.1:\d+/);
    await checkAnswers(`${url}/webhooks/dealix`);
    await checkAnswers(`${url}/webhooks/dealix-edge`);
  } finally {
    await server.stop();
  }
});

function wrangler() {
  return join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
}

function next() {
  return new URL(import.meta.resolve("next/dist/bin/next")).pathname;
}

/** Starts Node in an example's folder. */
function start(example, words, env) {
  const child = spawn("node", words, { cwd: join(examples, example), env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env } });
  const lines = createInterface({ input: child.stdout });
  const printed = [];
  let errors = "";
  lines.on("line", (line) => printed.push(line));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  return {
    process: child,
    errors: () => [...printed, errors].join("\n"),
    /** The address that it prints once it listens. */
    async url(pattern) {
      for (;;) {
        const line = printed.find((line) => pattern.test(line));
        if (line) return pattern.exec(line)[0];
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${errors}`);
        await Promise.race([once(lines, "line"), once(child, "exit")]);
      }
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

/** Sends a part of what it announces, and closes the connection. */
async function hangUpHalfWay(url) {
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), "localhost");
  await once(socket, "connect");
  socket.write(`POST ${pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nDealix-Signature: t=1,v1=2\r\n\r\n{"half":`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 200));
}
