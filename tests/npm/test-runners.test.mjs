// A consumer's own tests, under Jest and Vitest.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { record } from "./runtimes/matrix.mjs";
import { commandOf, manifest, run } from "./runtimes/process.mjs";

const consumer = join(import.meta.dirname, "bundlers/consumer.mjs");
const LIMIT = { timeout: 120_000 };
const TEST = 'test("the consumer", async () => expect(await consume()).toBe(EXPECTED));\n';
const IMPORT = 'import { consume, EXPECTED } from "./consumer.mjs";\n';
const REQUIRE = 'const { consume, EXPECTED } = require("./consumer.cjs");\n';

test("Jest: ES modules", LIMIT, async () => {
  const folder = project("jest-esm", "consumer.test.mjs", IMPORT + TEST);
  copyFileSync(consumer, join(folder, "consumer.mjs"));
  await jest(folder, { testEnvironment: "node" }, ["--experimental-vm-modules"]);
});

test("Jest: CommonJS", LIMIT, async () => {
  await jest(await commonJsProject("jest-cjs", TEST), { testEnvironment: "node" });
  record(
    "Jest",
    manifest("jest").version,
    "ran a consumer's tests: ES modules and CommonJS; the error under jsdom names the fix",
  );
});

// Jest's jsdom has no TextEncoder.
test("Jest: jsdom is refused with the cure", LIMIT, async () => {
  const refusal =
    'test("refused", () => expect(consume()).rejects.toMatchObject({ code: "unsupported_runtime", message: expect.stringContaining("testEnvironment") }));\n';
  await jest(await commonJsProject("jest-jsdom", refusal), { testEnvironment: "jsdom" });
});

test("Vitest: the package external, and inlined", LIMIT, async () => {
  const folder = project("vitest", "consumer.test.mjs", `import { expect, test } from "vitest";\n${IMPORT}${TEST}`);
  copyFileSync(consumer, join(folder, "consumer.mjs"));
  for (const inline of [[], ["@dealix/webhooks"]]) {
    const config = { test: { server: { deps: { inline } } }, cacheDir: join(folder, "cache") };
    writeFileSync(join(folder, "vitest.config.mjs"), `export default ${JSON.stringify(config)};\n`);
    const printed = await run("node", [commandOf("vitest"), "run", "--root", folder, "--reporter=json"], {
      cwd: folder,
    });
    const { numPassedTests, numTotalTests } = JSON.parse(printed.slice(printed.indexOf("{")));
    assert.deepEqual([numPassedTests, numTotalTests], [1, 1], printed);
  }
  record("Vitest", manifest("vitest").version, "ran a consumer's tests, the package external and inlined");
});

/** A folder inside the consumer's, with one test in it. */
function project(name, file, code) {
  const folder = join(import.meta.dirname, "test-runners", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), code);
  return folder;
}

async function commonJsProject(name, code) {
  const folder = project(name, "consumer.test.cjs", REQUIRE + code);
  await build({ entryPoints: [consumer], format: "cjs", outfile: join(folder, "consumer.cjs"), logLevel: "error" });
  return folder;
}

/** Runs Jest without Babel, on the code unchanged. */
async function jest(folder, options, flags = []) {
  const config = {
    rootDir: folder,
    transform: {},
    testRegex: "\\.test\\.[cm]js$",
    cacheDirectory: join(folder, "cache"),
    ...options,
  };
  const words = [
    ...flags,
    commandOf("jest"),
    "--config",
    JSON.stringify(config),
    "--json",
    "--watchman=false",
    "--runInBand",
  ];
  const { numPassedTests, numTotalTests } = JSON.parse(await run("node", words, { cwd: folder }));
  assert.deepEqual([numPassedTests, numTotalTests], [1, 1]);
}
