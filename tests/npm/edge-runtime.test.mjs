// The suite in Vercel's edge-runtime, bundled and handed its wasm modules as Next does it: each is a global of the
// sandbox, compiled outside of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { record } from "./runtimes/matrix.mjs";
import { manifest, script } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";
import { vectors } from "./runtimes/vectors.mjs";

const modules = {};
const wasmAsGlobals = {
  name: "wasm-as-globals",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace("?module", "")),
      namespace: "wasm",
    }));
    onLoad({ filter: /./, namespace: "wasm" }, ({ path }) => {
      const name = `wasm_${Object.keys(modules).length}`;
      modules[name] = new WebAssembly.Module(readFileSync(path));
      return { contents: `export default ${name};` };
    });
  },
};
const { outputFiles } = await build({
  entryPoints: [script("edge.mjs")],
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  conditions: ["edge-light", "worker", "browser"],
  plugins: [wasmAsGlobals],
});

assert.equal(Object.keys(modules).length, 2, "both wasm modules are handed over");
assert.ok(outputFiles[0].contents.length < 250_000, `no wasm module is inlined: ${outputFiles[0].contents.length}`);

const runtime = new EdgeRuntime({ extend: (context) => Object.assign(context, modules) });
runtime.evaluate(outputFiles[0].text);
const results = JSON.parse(await runtime.context.run(JSON.stringify(vectors)));
record("edge-runtime", manifest("edge-runtime").version, `suite of ${report("edge-runtime", results)} checks`);
