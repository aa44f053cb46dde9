// The examples for Cloudflare Workers: bundled by wrangler, and run in workerd with what their wrangler.jsonc says.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { assertCleanCard } from "./check/card.mjs";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { commandOf, manifest } from "./runtimes/process.mjs";
import { freePort } from "./support/free-port.mjs";
import { SECRET, checkAnswers, event, examples, genuine, start } from "./runtimes/receiver.mjs";

test("worker: every answer is right", { timeout: 60_000 }, () =>
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

test("worker: `wrangler dev`, with the secret in .dev.vars", { timeout: 60_000 }, () =>
  withFolder(async (folder) => {
    cpSync(join(examples, "worker"), join(examples, "worker-dev"), { recursive: true });
    writeFileSync(join(examples, "worker-dev/.dev.vars"), `DEALIX_WEBHOOK_SECRET=${SECRET}\n`);
    const words = [commandOf("wrangler"), "dev", "--port", String(await freePort())];
    const server = start("worker-dev", words, { HOME: folder, CI: "1", WRANGLER_SEND_METRICS: "false" });
    try {
      const url = await server.url(/http:\/\/localhost:\d+/);
      await checkAnswers(`${url}/webhooks/dealix`);
    } finally {
      await server.stop();
    }
  }),
);

test("worker: after `await request.json()`, the error says what to do", { timeout: 60_000 }, async () => {
  const mistake = [
    `import { env } from "cloudflare:workers";`,
    `import { fetchHandler } from "@dealix/webhooks";`,
    `const receive = fetchHandler({ secret: () => env.DEALIX_WEBHOOK_SECRET, onEvent() {} });`,
    `export default { fetch: async (request) => (await request.json(), receive(request)) };`,
  ];
  writeFileSync(join(examples, "worker/parsed.mjs"), `${mistake.join("\n")}\n`);
  const read = async (url) => {
    const response = await fetch(genuine(url));
    assert.equal(response.status, 500);
    recordFramework("Cloudflare Workers", {
      version: `wrangler ${manifest("wrangler").version}`,
      example: "worker/src/index.ts",
      builds: "`wrangler dev`, `wrangler deploy --dry-run`",
      mistake: "`await request.json()` first",
      says: "Verify before anything else reads it, and use the event that this returns",
      seen: await response.text(),
    });
  };
  await withWorker("worker", { DEALIX_WEBHOOK_SECRET: SECRET }, read, "parsed.mjs");
});

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
      // wrangler keeps temporary files beside the configuration, which other tests copy.
      cpSync(join(examples, example), join(examples, `${example}-deploy`), { recursive: true });
      const words = [commandOf("wrangler"), "deploy", "--dry-run", "--outdir", folder];
      const deploy = start(`${example}-deploy`, words, env);
      const [code] = await once(deploy.process, "close");
      assert.equal(code, 0, deploy.errors());
      assert.match(deploy.errors(), bindings);
      assert.equal(readdirSync(folder).filter((name) => name.endsWith(".wasm")).length, 1, deploy.errors());
    }),
  );
}

/** Runs with an example's Worker: its address, and a function that waits for what it prints and returns all of that. */
async function withWorker(example, bindings, run, entry = "src/index.ts") {
  const folder = join(examples, example);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(folder, "wrangler.jsonc"));
  let printed = "";
  const worker = new Miniflare({
    ...workerOptions,
    modules: await bundleWorker(join(folder, entry)),
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
