// Resolvers that know no `exports`, and the conditions of edge builds, over the packed tarball.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const installed = join(import.meta.dirname, "../../node_modules/@dealix/webhooks");
const entries = ["", "/node", "/replay", "/testing"];

/** webpack's resolver, as Jest 27, eslint-plugin-import, Parcel and Metro have set theirs. */
function resolverWith(options) {
  // It belongs to webpack, which depends on it.
  const { create } = createRequire(require.resolve("webpack"))("enhanced-resolve");
  const resolve = create.sync({ exportsFields: [], ...options });
  return (name) => relative(installed, resolve(import.meta.dirname, name));
}

for (const [mainField, extension] of [
  ["main", "cjs"],
  ["module", "js"],
]) {
  test(`without \`exports\`, \`${mainField}\` leads to each entry`, () => {
    const resolve = resolverWith({ mainFields: [mainField] });
    for (const entry of entries)
      assert.equal(resolve(`@dealix/webhooks${entry}`), `dist/${entry.slice(1) || "index"}.${extension}`);
  });
}

test("without `exports`, `types` leads to each entry's, and all load", () => {
  const resolve = resolverWith({ mainFields: ["types"] });
  for (const entry of entries) {
    assert.equal(resolve(`@dealix/webhooks${entry}`), `dist/${entry.slice(1) || "index"}.d.cts`);
    const loaded = require(join(installed, entry));
    assert.deepEqual(Object.keys(loaded), Object.keys(require(`@dealix/webhooks${entry}`)));
    assert.equal(loaded, require(`@dealix/webhooks${entry}`), "one copy, however it was resolved");
  }
});

const IMPORTS = entries.map((entry, index) => `import * as entry${index} from "@dealix/webhooks${entry}";`);

for (const [condition, suffix] of [
  ["workerd", ""],
  ["edge-light", "?module"],
  ["unwasm", "?module"],
]) {
  test(`a build with the condition ${condition} imports the wasm modules as that host loads them`, async () => {
    const imported = [];
    const external = ({ path }) => (imported.push(path), { path, external: true });
    const { outputFiles } = await build({
      stdin: {
        contents: `${IMPORTS.join("\n")} console.log(entry0, entry1, entry2, entry3);`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      conditions: [condition, ...(condition === "unwasm" ? ["workerd"] : [])],
      plugins: [{ name: "wasm", setup: ({ onResolve }) => onResolve({ filter: /\.wasm/ }, external) }],
    });
    assert.deepEqual(imported.sort(), [`./receiver.wasm${suffix}`, `./testing.wasm${suffix}`]);
    assert.ok(outputFiles[0].contents.length < 120_000, "no wasm module is inlined");
  });
}

test("every file that the manifest names is in the tarball", () => {
  const { exports, imports, main, module, types, bin } = require("@dealix/webhooks/package.json");
  const files = [];
  JSON.stringify(
    [exports, imports, main, module, types, bin],
    (_, value) => (typeof value === "string" && files.push(value), value),
  );
  for (const file of files) assert.ok(require.resolve(join(installed, file)), file);
  assert.equal(dirname(require.resolve(join(installed, "node"))), join(installed, "dist"));
});
