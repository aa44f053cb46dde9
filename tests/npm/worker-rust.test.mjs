// The example of a Worker in Rust, which `cargo xtask test` compiles, in workerd with what its wrangler.toml says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { signedRequest } from "@dealix/webhooks/testing";
import { SECRET, checkAnswers, event, examples } from "./runtimes/receiver.mjs";

const folder = join(examples, "worker-rust");
const built = join(folder, "build");

test("worker in Rust: verifies by JavaScript's clock", { timeout: 60_000 }, async () => {
  const printed = [];
  const worker = await start({ DEALIX_WEBHOOK_SECRET: SECRET }, printed);
  try {
    const url = new URL("/webhooks/dealix", await worker.ready);
    await checkAnswers(url.href);
    assert.equal((await fetch(url)).status, 405);
    const seconds = Math.floor(Date.now() / 1000);
    for (const [age, status] of [
      [290, 204],
      [310, 400],
      [-290, 204],
      [-310, 400],
    ]) {
      const request = signedRequest({ secret: SECRET, event, url, timestamp: seconds - age });
      assert.equal((await fetch(request)).status, status, `${age} s old`);
    }
    const line = `deal.won ${event.id}`;
    const handled = () => printed.filter((other) => other === line).length;
    for (const started = Date.now(); handled() < 4; await wait(20)) {
      assert.ok(Date.now() - started < 10_000, printed.join("\n"));
    }
    assert.equal(handled(), 4, printed.join("\n"));
    assert.doesNotMatch(printed.join("\n"), new RegExp(SECRET));
  } finally {
    await worker.dispose();
  }
});

test("worker in Rust: an unset or empty secret is a 500", { timeout: 60_000 }, async () => {
  for (const [bindings, reason] of [
    [{}, /DEALIX_WEBHOOK_SECRET/],
    [{ DEALIX_WEBHOOK_SECRET: "" }, /a secret is empty/],
  ]) {
    const printed = [];
    const worker = await start(bindings, printed);
    try {
      const request = signedRequest({ secret: SECRET, event, url: new URL("/webhooks/dealix", await worker.ready) });
      const response = await fetch(request);
      assert.equal(response.status, 500);
      assert.match((await response.text()) + printed.join("\n"), reason);
    } finally {
      await worker.dispose();
    }
  }
});

/** The Worker bundled as `worker-build` does; what it prints ends up in `printed`. */
async function start(bindings, printed) {
  const { outputFiles } = await build({
    entryPoints: [join(built, "shim.js")],
    bundle: true,
    write: false,
    format: "esm",
    external: ["./index_bg.wasm", "cloudflare:*"],
  });
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(folder, "wrangler.toml"));
  const print = (output) => createInterface({ input: output }).on("line", (line) => printed.push(line));
  return new Miniflare({
    ...workerOptions,
    modules: [
      { type: "ESModule", path: "index.js", contents: outputFiles[0].text },
      { type: "CompiledWasm", path: "index_bg.wasm", contents: readFileSync(join(built, "index_bg.wasm")) },
    ],
    modulesRoot: "/",
    cf: false,
    bindings,
    handleRuntimeStdio: (stdout, stderr) => [stdout, stderr].forEach(print),
  });
}
