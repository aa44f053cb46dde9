// The receivers of examples/, each started for real and sent real HTTP.
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { Miniflare } from "miniflare";
import { signedRequest } from "@dealix/webhooks/testing";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { SECRET, checkAnswers, event, examples, hangUpHalfWay, start } from "./runtimes/receiver.mjs";

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

function next() {
  return new URL(import.meta.resolve("next/dist/bin/next")).pathname;
}
