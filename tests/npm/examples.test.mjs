// The receivers in examples/, each started and sent real HTTP requests.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { signedRequest } from "@dealix/webhooks/testing";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { assertCleanCard } from "./check/card.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { commandOf } from "./runtimes/process.mjs";
import { SECRET, checkAnswers, event, examples, hangUpHalfWay, start } from "./runtimes/receiver.mjs";

for (const receiver of ["node", "express", "fastify", "koa", "hapi", "nestjs", "hono"]) {
  test(`${receiver} receiver`, { timeout: 60_000 }, async () => {
    const server = start(receiver, await script(receiver), { DEALIX_WEBHOOK_SECRET: SECRET, PORT: "0" });
    try {
      const url = await server.url(/http:\S+/);
      await hangUpHalfWay(url);
      await checkAnswers(url);
      await assertCleanCard(url, SECRET);
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

test("worker: each event once, remembered by its Durable Object", { timeout: 60_000 }, async () => {
  const modules = await bundleWorker(join(examples, "worker/worker.mjs"));
  const printed = [];
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(examples, "worker/wrangler.toml"));
  const worker = new Miniflare({
    ...workerOptions,
    modules,
    modulesRoot: "/",
    cf: false,
    bindings: { DEALIX_WEBHOOK_SECRET: SECRET },
    handleRuntimeStdio: (output) => createInterface({ input: output }).on("line", (line) => printed.push(line)),
  });
  try {
    const url = new URL("/webhooks/dealix", await worker.ready);
    await checkAnswers(url.href);
    await assertCleanCard(url.href, SECRET);
    assert.equal((await fetch(url)).status, 405);
    for (const [id, times] of [
      ["evt_once", 3],
      ["evt_other", 1],
    ]) {
      for (let time = 0; time < times; time += 1) {
        const request = signedRequest({
          secret: SECRET,
          event: { ...event, id },
          url,
          timestamp: Math.floor(Date.now() / 1000) - time,
        });
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

test("worker: wrangler bundles it with its binding", { timeout: 60_000 }, () =>
  withFolder(async (folder) => {
    const env = { HOME: folder, CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };
    const deploy = start("worker", [commandOf("wrangler"), "deploy", "--dry-run", "--outdir", folder], env);
    const [code] = await once(deploy.process, "close");
    assert.equal(code, 0, deploy.errors());
    assert.match(deploy.errors(), /REPLAY_GUARD \(ReplayDurableObject\)/);
    assert.equal(readdirSync(folder).filter((name) => name.endsWith(".wasm")).length, 1, deploy.errors());
  }),
);

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

test("lambda: behind a gateway, every answer is right", { timeout: 60_000 }, async () => {
  const gateway = start("lambda", [join(import.meta.dirname, "runtimes/gateway.mjs")], {
    DEALIX_WEBHOOK_SECRET: SECRET,
  });
  try {
    await assertCleanCard(await gateway.url(/http:\S+/), SECRET);
  } finally {
    await gateway.stop();
  }
});

async function lambdaEvent() {
  const request = signedRequest({ secret: SECRET, event, url: "https://x.example/" });
  const headers = Object.fromEntries(request.headers);
  return {
    version: "2.0",
    headers,
    requestContext: { http: { method: "POST" } },
    body: await request.text(),
    isBase64Encoded: false,
  };
}

let isCompiled = false;

/** The command that starts a receiver; Nest's is TypeScript, and is built first as its package.json says. */
async function script(receiver) {
  if (receiver !== "nestjs") return ["receiver.mjs"];
  if (!isCompiled) {
    const tsc = start(receiver, [commandOf("typescript")], {});
    const [code] = await once(tsc.process, "exit");
    assert.equal(code, 0, tsc.errors());
    isCompiled = true;
  }
  return ["dist/receiver.js"];
}
