// The receivers of examples/, each started for real and sent real HTTP.
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { Miniflare } from "miniflare";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { SECRET, checkAnswers, examples, hangUpHalfWay, start } from "./runtimes/receiver.mjs";

for (const receiver of ["node", "express", "hono"]) {
  test(`${receiver} receiver`, { timeout: 60_000 }, async () => {
    const server = start(receiver, ["receiver.mjs"], { DEALIX_WEBHOOK_SECRET: SECRET, PORT: "0" });
    try {
      const url = await server.url(/http:\S+/);
      await hangUpHalfWay(url);
      await checkAnswers(url);
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
