// The suite in workerd, with the oldest and the newest behaviour that it has.
import assert from "node:assert/strict";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { report } from "./runtimes/report.mjs";
import { vectors } from "./runtimes/vectors.mjs";

const modules = await bundleWorker(join(import.meta.dirname, "runtimes/worker.mjs"));
assert.equal(modules.filter(({ type }) => type === "CompiledWasm").length, 2, "both wasm modules are modules of the Worker");

for (const compatibilityDate of ["2024-01-01", "2026-04-01"]) {
  const miniflare = new Miniflare({ modules, modulesRoot: "/", compatibilityDate });
  try {
    const response = await miniflare.dispatchFetch("http://worker.example/", { method: "POST", body: JSON.stringify(vectors) });
    assert.equal(response.status, 200, await response.clone().text());
    report((await response.json()).map(({ name, error }) => ({ name: `workerd ${compatibilityDate}: ${name}`, error })));
  } finally {
    await miniflare.dispose();
  }
}
