// The consumer in workerd, built by Vite and tested by Vitest: with Cloudflare's plugins, and with Vite alone.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { checkInWorkerd } from "./bundlers/checks.mjs";
import { sources } from "./bundlers/sources.mjs";
import { record } from "./runtimes/matrix.mjs";
import { program, run } from "./runtimes/process.mjs";
import { buildProject, versionIn } from "./runtimes/project.mjs";

const LIMIT = { timeout: 120_000 };
const node = program("node-24/bin/node");
const vite = [node, "node_modules/vite/bin/vite.js", "build"];
const alone = [...vite, "--config", "alone.config.mjs"];
const env = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };

const PLUGIN = `import { cloudflare } from "@cloudflare/vite-plugin";
import { defineConfig } from "vite";
export default defineConfig({ plugins: [cloudflare()], build: { outDir: "plugin" } });
`;
const ALONE = `import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
const { CONDITION, WITHOUT_ALIAS } = process.env;
const alias = ["", "/testing"].map((name) => ({
  find: new RegExp("^@dealix/webhooks" + name + "$"),
  replacement: fileURLToPath(import.meta.resolve("@dealix/webhooks" + name)),
}));
export default defineConfig({
  resolve: { alias: WITHOUT_ALIAS ? [] : alias },
  ssr: { noExternal: true, target: "webworker", resolve: { conditions: [CONDITION, "worker", "module", "browser"] } },
  build: { ssr: "worker.mjs", outDir: CONDITION },
});
`;
const VITEST = `import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
const rules = [{ type: "CompiledWasm", include: ["**/*.wasm"] }];
const options = process.env.WITHOUT_WRANGLER
  ? { miniflare: { compatibilityDate: "2026-04-01", modulesRules: rules } }
  : { wrangler: { configPath: "./wrangler.jsonc" } };
export default defineConfig({ plugins: [cloudflareTest(options)] });
`;
const TESTS = `import { expect, test } from "vitest";
import { consume, EXPECTED } from "./consumer.mjs";
test("the consumer", async () => expect(await consume()).toBe(EXPECTED));
test("in workerd", () => expect(navigator.userAgent).toBe("Cloudflare-Workers"));
`;
const files = {
  ...sources(),
  "wrangler.jsonc": '{ "name": "consumer", "main": "worker.mjs", "compatibility_date": "2026-04-01" }\n',
  "vite.config.mjs": PLUGIN,
  "alone.config.mjs": ALONE,
  "vitest.config.mjs": VITEST,
  "consumer.test.mjs": TESTS,
};
const conditions = ["workerd", "edge-light"];
const build = [vite, ...conditions.map((condition) => ["env", `CONDITION=${condition}`, ...alone])];

let folder;
before(async () => (folder = await buildProject("cloudflare", { files, build, env })), { timeout: 300_000 });

test("Cloudflare's Vite plugin: in workerd, with no setting", LIMIT, async () => {
  const modules = modulesIn(join(folder, "plugin/consumer"), "index.js");
  assert.equal(modules.filter(({ type }) => type === "CompiledWasm").length, 2);
  await checkInWorkerd(modules);
});

test("Vite alone: `workerd` and `edge-light` need the alias", LIMIT, async () => {
  for (const CONDITION of conditions) {
    const [command, ...words] = alone;
    const options = { cwd: folder, env: { ...process.env, CONDITION, WITHOUT_ALIAS: "1" } };
    await assert.rejects(
      run(command, [...words, "--outDir", "without-alias"], options),
      /receiver(-workerd\.js|\.wasm)/,
    );
    await checkInWorkerd(modulesIn(join(folder, CONDITION), "worker.js"));
  }
  record(
    "Vite for Workers",
    versionIn(folder, "vite"),
    `built a consumer and ran it in workerd: Cloudflare's plugin ${versionIn(folder, "@cloudflare/vite-plugin")}; without it, the alias`,
  );
});

test("Cloudflare's Vitest plugin: with wrangler's configuration, and without", LIMIT, async () => {
  for (const WITHOUT_WRANGLER of ["", "1"]) {
    const words = ["node_modules/vitest/vitest.mjs", "run", "--reporter=json"];
    const printed = await run(node, words, { cwd: folder, env: { ...process.env, ...env, WITHOUT_WRANGLER } });
    const { numPassedTests, numTotalTests } = JSON.parse(printed.slice(printed.indexOf("{")));
    assert.deepEqual([numPassedTests, numTotalTests], [2, 2], printed);
  }
  record(
    "Vitest in Workers",
    versionIn(folder, "@cloudflare/vitest-plugin"),
    "ran a consumer's tests in workerd, with wrangler's configuration and without",
  );
});

/** A built Worker, which comes first, and the wasm modules beside it. */
function modulesIn(folder, main) {
  const paths = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith(".wasm"));
  return [main, ...paths].map((path) => ({
    type: path === main ? "ESModule" : "CompiledWasm",
    path: join(folder, path),
    contents: readFileSync(join(folder, path)),
  }));
}
