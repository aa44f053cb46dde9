// What is loaded and installed, in bytes: exact, so that the tests can compare it with the budgets.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { manifest } from "../runtimes/process.mjs";

const WASM = /\.wasm(\?module)?$/;

/** A production bundle of one import, minified and gzipped, with the wasm modules next to it. */
export async function bundleBytes(from, name, target) {
  const contents = `import { ${name} } from "${from}"; globalThis.used = ${name};`;
  const modules = new Set();
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: target === "node" ? "node" : target === "browser" ? "browser" : "neutral",
    ...(target === "workerd" && { conditions: ["workerd", "worker", "browser"], mainFields: ["module", "main"] }),
    external: target === "node" ? [] : builtinModules.flatMap((module) => [module, `node:${module}`]),
    plugins: [{ name: "wasm-modules", setup: ({ onResolve }) => onResolve({ filter: WASM }, beside(modules)) }],
  });
  return [outputFiles[0].contents, ...Array.from(modules, (file) => readFileSync(file))].reduce(
    (sum, part) => sum + gzipSync(part, { level: 9 }).length,
    0,
  );
}

function beside(modules) {
  return ({ path, resolveDir }) => {
    modules.add(join(resolveDir, path.replace("?module", "")));
    return { path, external: true };
  };
}

/** The packages that an install adds, and their bytes. */
export function installed(name) {
  const folders = new Map();
  add(name, folders, import.meta.dirname);
  return {
    packages: folders.size,
    bytes: Array.from(folders.values(), bytesIn).reduce((sum, bytes) => sum + bytes, 0),
  };
}

function add(name, folders, from) {
  const folder = find(name, from);
  if (folder === undefined || folders.has(folder)) return;
  folders.set(folder, folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  for (const dependency of Object.keys(dependencies)) add(dependency, folders, folder);
}

function find(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

function bytesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .reduce(
      (sum, entry) =>
        sum + (entry.isDirectory() ? bytesIn(join(folder, entry.name)) : statSync(join(folder, entry.name)).size),
      0,
    );
}

export const versionOf = (name) => manifest(name).version;
