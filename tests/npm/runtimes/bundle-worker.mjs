import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Bundles a Worker as wrangler does: its conditions, and each `….wasm` as a module next to the script. */
export async function bundleWorker(entry) {
  const wasm = new Map();
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["module", "main"],
    external: ["cloudflare:*"],
    plugins: [
      {
        name: "wasm-modules",
        setup({ onResolve }) {
          onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
            wasm.set(path, readFileSync(join(resolveDir, path)));
            return { path, external: true };
          });
        },
      },
    ],
  });
  return [
    { type: "ESModule", path: "worker.mjs", contents: outputFiles[0].text },
    ...Array.from(wasm, ([path, contents]) => ({ type: "CompiledWasm", path: path.replace("./", ""), contents })),
  ];
}
