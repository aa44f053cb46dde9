// The types, compiled against the installed package in the ways that TypeScript resolves modules.
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";

const require = createRequire(import.meta.url);
/** The newest compiler, and an old one that many still have. */
const compilers = { newest: "typescript", old: "typescript-5" };
const folder = join(import.meta.dirname, "types");

const common = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  target: "ES2022",
  noUncheckedIndexedAccess: true,
  types: [],
};
const dom = { lib: ["ES2022", "DOM", "DOM.Iterable"] };
const ways = {
  "node16, an ES module": { module: "node16", moduleResolution: "node16", ...dom },
  "node16, CommonJS": { module: "node16", moduleResolution: "node16", ...dom, extension: ".cts" },
  "nodenext with Node's types and no DOM": { module: "nodenext", lib: ["ES2022"], types: ["node"] },
  "node16, CommonJS with Node's types": { module: "node16", lib: ["ES2022"], types: ["node"], extension: ".cts" },
  bundler: { module: "esnext", moduleResolution: "bundler", ...dom },
  "bundler, exactOptionalPropertyTypes": {
    module: "preserve",
    moduleResolution: "bundler",
    exactOptionalPropertyTypes: true,
    ...dom,
  },
  "TypeScript 5.4, node16": { compiler: "old", module: "node16", moduleResolution: "node16", ...dom },
  "TypeScript 5.4, bundler, exactOptionalPropertyTypes": {
    compiler: "old",
    module: "esnext",
    moduleResolution: "bundler",
    exactOptionalPropertyTypes: true,
    ...dom,
  },
  "TypeScript 5.4, the resolution of before node16": {
    compiler: "old",
    module: "commonjs",
    moduleResolution: "node10",
    ...dom,
  },
  "frameworks' own types": {
    module: "nodenext",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    types: ["node"],
    skipLibCheck: true,
    sources: ["frameworks"],
  },
  "a Worker's conditions": { module: "esnext", moduleResolution: "bundler", customConditions: ["workerd"], ...dom },
  "a Worker's own types": {
    module: "esnext",
    moduleResolution: "bundler",
    customConditions: ["workerd"],
    lib: ["ES2022"],
    types: ["@cloudflare/workers-types"],
    sources: ["replay", "replay-workers"],
  },
};

const sourcesOf = ({ types }) => (types ? ["events", "node", "replay", "replay-clients"] : ["events", "replay"]);

for (const [way, { extension = ".ts", compiler = "newest", ...rest }] of Object.entries(ways)) {
  const { sources = sourcesOf(rest), ...options } = rest;
  test(`types: ${way}`, async () => {
    const project = join(folder, way.replaceAll(/\W+/g, "-"));
    mkdirSync(project, { recursive: true });
    const files = sources.map((name) => name + extension);
    for (const [index, name] of sources.entries())
      copyFileSync(join(folder, `${name}.ts`), join(project, files[index]));
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...common, ...options }, files }),
    );
    const { code, output } = await run(tscOf(compilers[compiler]), ["--project", project]);
    assert.equal(code, 0, output);
  });
}

function tscOf(name) {
  return join(dirname(require.resolve(`${name}/package.json`)), "bin/tsc");
}

function run(script, words) {
  return new Promise((resolve) => {
    execFile("node", [script, ...words], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}
