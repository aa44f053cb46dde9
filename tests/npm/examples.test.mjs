// The receivers of examples/, each started for real and sent real HTTP.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { Miniflare } from "miniflare";
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
    // Nest's parser words its own 413.
    if (status !== 413) assert.equal(answer, "", what);
  }
}

for (const receiver of ["node", "express", "fastify", "koa", "nestjs"]) {
  test(`${receiver} receiver`, { timeout: 60_000 }, async () => {
    const server = start(receiver, await script(receiver), { DEALIX_WEBHOOK_SECRET: SECRET, PORT: "0" });
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
    const server = start(receiver, await script(receiver), { DEALIX_WEBHOOK_SECRET: "", PORT: "0" });
    const [code] = await once(server.process, "exit");
    assert.equal(code, 1);
    assert.match(server.errors(), /empty_secret/);
  });
}

test("worker", { timeout: 60_000 }, async () => {
  const modules = await bundleWorker(join(examples, "worker/worker.mjs"));
  const worker = new Miniflare({ modules, modulesRoot: "/", compatibilityDate: "2026-04-01", bindings: { DEALIX_WEBHOOK_SECRET: SECRET } });
  try {
    const url = new URL("/webhooks/dealix", await worker.ready);
    await checkAnswers(url.href);
    assert.equal((await fetch(url)).status, 405);
  } finally {
    await worker.dispose();
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

test("lambda", { timeout: 20_000 }, async () => {
  const input = await lambdaEvent();
  const program = `import { handler } from "./index.mjs"; console.log(JSON.stringify(await handler(${JSON.stringify(input)})));`;
  const lambda = start("lambda", ["--input-type=module", "--eval", program], { DEALIX_WEBHOOK_SECRET: SECRET });
  await once(lambda.process, "exit");
  const [line, result] = lambda.errors().split("\n");
  assert.equal(line, `deal.won ${event.id}`, lambda.errors());
  assert.equal(JSON.parse(result).statusCode, 204);
  const unset = start("lambda", ["index.mjs"], { DEALIX_WEBHOOK_SECRET: "" });
  const [code] = await once(unset.process, "exit");
  assert.equal(code, 1);
  assert.match(unset.errors(), /empty_secret/);
});

async function lambdaEvent() {
  const request = signedRequest({ secret: SECRET, event, url: "https://x.example/" });
  const headers = Object.fromEntries(request.headers);
  return { version: "2.0", headers, requestContext: { http: { method: "POST" } }, body: await request.text(), isBase64Encoded: false };
}

let isCompiled = false;

/** What starts a receiver; Nest's is TypeScript, and built first as its package.json says. */
async function script(receiver) {
  if (receiver !== "nestjs") return ["receiver.mjs"];
  if (!isCompiled) {
    const tsc = start(receiver, [new URL("../bin/tsc", import.meta.resolve("typescript")).pathname], {});
    const [code] = await once(tsc.process, "exit");
    assert.equal(code, 0, tsc.errors());
    isCompiled = true;
  }
  return ["dist/receiver.js"];
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
