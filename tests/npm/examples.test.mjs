// The receivers in examples/, each started and sent real HTTP requests.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { assertCleanCard } from "./check/card.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { commandOf } from "./runtimes/process.mjs";
import { freePort } from "./support/free-port.mjs";
import { SECRET, checkAnswers, event, examples, genuine, hangUpHalfWay, start } from "./runtimes/receiver.mjs";

for (const receiver of ["node", "express", "fastify", "koa", "hapi", "nestjs", "hono"]) {
  test(`${receiver} receiver`, { timeout: 60_000 }, async () => {
    const server = start(receiver, await script(receiver), {
      DEALIX_WEBHOOK_SECRET: SECRET,
      PORT: String(await freePort()),
    });
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

test("worker: five lines", { timeout: 60_000 }, () =>
  withWorker("worker", { DEALIX_WEBHOOK_SECRET: SECRET }, async (url, log) => {
    await checkAnswers(url.href);
    await assertCleanCard(url.href, SECRET);
    assert.equal((await fetch(url)).status, 405);
    await log(/^deal\.won evt_/m);
  }),
);

test("worker: without the secret every delivery gets 500, and the error says why", { timeout: 60_000 }, () =>
  withWorker("worker", {}, async (url) => {
    const response = await fetch(genuine(url));
    assert.equal(response.status, 500);
    // Miniflare, as `wrangler dev`, responds with what the Worker threw.
    assert.match(await response.text(), /empty_secret/);
  }),
);

test("worker: each event once, remembered by its Durable Object", { timeout: 60_000 }, () =>
  withWorker("worker-guard", { DEALIX_WEBHOOK_SECRET: SECRET }, async (url, log) => {
    await checkAnswers(url.href);
    await assertCleanCard(url.href, SECRET);
    for (const [id, times] of [
      ["evt_once", 3],
      ["evt_other", 1],
    ]) {
      for (let time = 0; time < times; time += 1) {
        const timestamp = Math.floor(Date.now() / 1000) - time;
        assert.equal((await fetch(genuine(url, { event: { ...event, id }, timestamp }))).status, 204);
      }
    }
    const printed = await log(/^deal\.won evt_other$/m);
    const handled = printed.split("\n").filter((line) => line.startsWith("deal.won "));
    assert.deepEqual(handled, [`deal.won ${event.id}`, "deal.won evt_once", "deal.won evt_other"]);
  }),
);

for (const [example, bindings] of [
  ["worker", /No bindings found/],
  ["worker-guard", /REPLAY_GUARD \(ReplayDurableObject\)/],
]) {
  test(`${example}: wrangler bundles it with its bindings`, { timeout: 60_000 }, () =>
    withFolder(async (folder) => {
      const env = { HOME: folder, CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };
      const deploy = start(example, [commandOf("wrangler"), "deploy", "--dry-run", "--outdir", folder], env);
      const [code] = await once(deploy.process, "close");
      assert.equal(code, 0, deploy.errors());
      assert.match(deploy.errors(), bindings);
      assert.equal(readdirSync(folder).filter((name) => name.endsWith(".wasm")).length, 1, deploy.errors());
    }),
  );
}

/** Runs with an example's Worker: its address, and a function that waits for what it prints and returns all of that. */
async function withWorker(example, bindings, run) {
  const folder = join(examples, example);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(folder, "wrangler.jsonc"));
  let printed = "";
  const worker = new Miniflare({
    ...workerOptions,
    modules: await bundleWorker(join(folder, "src/index.ts")),
    modulesRoot: "/",
    cf: false,
    bindings,
    handleRuntimeStdio(...outputs) {
      for (const output of outputs) output.setEncoding("utf8").on("data", (text) => (printed += text));
    },
  });
  const log = async (pattern) => {
    for (const started = Date.now(); !pattern.test(printed); await wait(20)) {
      assert.ok(Date.now() - started < 10_000, printed);
    }
    return printed;
  };
  try {
    await run(new URL("/webhooks/dealix", await worker.ready), log);
  } finally {
    await worker.dispose();
  }
}

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
  const request = genuine("https://x.example/");
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
