// The suite in workerd, with its oldest and newest compatibility dates, bundled by us and by wrangler.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { record } from "./runtimes/matrix.mjs";
import { commandOf, manifest, run, script } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";
import { vectors } from "./runtimes/vectors.mjs";

const NEWEST = "2026-04-01";

const worker = script("worker.mjs");
const modules = await bundleWorker(worker);
for (const date of ["2024-01-01", NEWEST]) await suiteIn(`workerd ${date}`, modules, date);
const checks = await suiteIn("wrangler deploy", await withFolder((folder) => deploy(worker, folder)), NEWEST);
record(
  "workerd",
  manifest("workerd").version,
  `suite of ${checks} checks, compatibility dates 2024-01-01 and ${NEWEST}`,
);
record("wrangler", manifest("wrangler").version, `suite of ${checks} checks, bundled by \`wrangler deploy\``);

async function suiteIn(where, modules, compatibilityDate) {
  assert.equal(
    modules.filter(({ type }) => type === "CompiledWasm").length,
    2,
    "both wasm modules are modules of the Worker",
  );
  assert.doesNotMatch(String(modules[0].contents), /AGFzbQ/, "no wasm module is inlined in the script");
  const miniflare = new Miniflare({ modules, modulesRoot: "/", cf: false, compatibilityDate });
  try {
    const response = await miniflare.dispatchFetch("http://worker.example/", {
      method: "POST",
      body: JSON.stringify(vectors),
    });
    assert.equal(response.status, 200, await response.clone().text());
    return report(where, await response.json());
  } finally {
    await miniflare.dispose();
  }
}

/** What wrangler would upload, without asking anyone for anything. */
async function deploy(worker, folder) {
  const env = { ...process.env, HOME: folder, CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };
  const words = ["deploy", worker, "--dry-run", "--outdir", "out", "--name", "suite", "--compatibility-date", NEWEST];
  await run("node", [commandOf("wrangler"), ...words], { env, cwd: folder });
  // The Worker itself is the first of the modules.
  const files = ["worker.js", ...readdirSync(join(folder, "out")).filter((name) => name.endsWith(".wasm"))];
  return files.map((path) => ({
    type: path.endsWith(".js") ? "ESModule" : "CompiledWasm",
    path,
    contents: readFileSync(join(folder, "out", path)),
  }));
}
