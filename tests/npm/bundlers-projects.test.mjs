// The consumer, built by bundlers that the repository does not otherwise use: Rspack and Parcel.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkInNode, checkInWorkerd, checkPage, closeBrowser, openBrowser } from "./bundlers/checks.mjs";
import { sources } from "./bundlers/sources.mjs";
import { record } from "./runtimes/matrix.mjs";
import { program, run } from "./runtimes/process.mjs";
import { buildProject, versionIn } from "./runtimes/project.mjs";

const LIMIT = { timeout: 120_000 };
const node = program("node-24/bin/node");

const RSPACK = `import { fileURLToPath } from "node:url";
import { rspack } from "@rspack/core";
const [target, entry, filename, condition] = process.argv.slice(2);
const alias = Object.fromEntries(
  ["", "/testing"].map((name) => [\`@dealix/webhooks\${name}$\`, fileURLToPath(import.meta.resolve("@dealix/webhooks" + name))]),
);
const isModule = filename.endsWith(".mjs");
rspack({
  mode: "production",
  target,
  context: import.meta.dirname,
  entry,
  output: { path: import.meta.dirname + "/dist", filename, ...(isModule && { module: true, library: { type: "module" } }) },
  resolve: { ...(condition && { conditionNames: [condition, "..."] }), ...(process.env.INLINED && { alias }) },
  performance: { hints: false },
}, (error, stats) => {
  if (error) throw error;
  console.log(stats.toString({ colors: false }));
  process.exitCode = stats.hasErrors() || stats.hasWarnings() ? 1 : 0;
});
`;
const build = [
  [node, "rspack.mjs", "node", "./main.mjs", "node.cjs"],
  [node, "rspack.mjs", "web", "./main.mjs", "browser.js"],
  [node, "rspack.mjs", "webworker", "./worker.mjs", "worker.mjs"],
  ["env", "INLINED=1", node, "rspack.mjs", "webworker", "./worker.mjs", "workerd.mjs", "workerd"],
  [node, "node_modules/parcel/lib/bin.js", "build", "index.html", "--dist-dir", "parcel", "--cache-dir", "cache"],
];

let folder;
before(
  async () => {
    const files = {
      ...sources(),
      "rspack.mjs": RSPACK,
      "page.html": '<script type="module" src="dist/browser.js"></script>',
    };
    folder = await buildProject("bundlers", { files, build });
    await openBrowser();
  },
  { timeout: 300_000 },
);
after(closeBrowser, LIMIT);

test("Rspack: for Node, browsers and Workers, with no setting", LIMIT, async () => {
  await checkInNode(folder, "dist/node.cjs");
  await checkPage(folder, "page.html");
  await checkInWorkerd(script("dist/worker.mjs"));
});

test("Rspack: the condition `workerd` needs the alias", LIMIT, async () => {
  const words = ["rspack.mjs", "webworker", "./worker.mjs", "without-alias.mjs", "workerd"];
  await assert.rejects(run(node, words, { cwd: folder }), /'default'.*was not found in '\.\/receiver\.wasm'/);
  await checkInWorkerd(script("dist/workerd.mjs"));
  record("Rspack", versionIn(folder, "@rspack/core"), "built and ran a consumer: Node, Chromium, workerd");
});

test("Parcel: for browsers, with its default configuration", LIMIT, async () => {
  await checkPage(join(folder, "parcel"), "index.html");
  record("Parcel", versionIn(folder, "parcel"), "built and ran a consumer without reading `exports`: Chromium");
});

/** A Worker of one file. */
function script(name) {
  return [{ type: "ESModule", path: join(folder, name), contents: readFileSync(join(folder, name), "utf8") }];
}
