// A small consumer of the package, built by each bundler and run.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import nodeResolve from "@rollup/plugin-node-resolve";
import esbuild from "esbuild";
import { rollup, VERSION as rollupVersion } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import {
  checkInNode,
  checkInWorkerd,
  checkPage,
  checkScript,
  closeBrowser,
  openBrowser,
  titleIs,
} from "./bundlers/checks.mjs";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { record } from "./runtimes/matrix.mjs";

const source = join(import.meta.dirname, "bundlers");
const main = join(source, "main.mjs");
const LIMIT = { timeout: 120_000 };

before(openBrowser, LIMIT);
after(closeBrowser, LIMIT);

test("esbuild: for Node, browsers and workerd", LIMIT, () =>
  withFolder(async (folder) => {
    const common = { entryPoints: [main], bundle: true, logLevel: "error" };
    for (const [format, name] of [
      ["esm", "node.mjs"],
      ["cjs", "node.cjs"],
    ]) {
      await esbuild.build({ ...common, platform: "node", format, outfile: join(folder, name) });
      await checkInNode(folder, name);
    }
    await esbuild.build({ ...common, format: "esm", minify: true, outfile: join(folder, "browser.js") });
    await checkScript(folder, "browser.js");
    await checkInWorkerd(await bundleWorker(join(source, "worker.mjs")));
    record("esbuild", esbuild.version, "built and ran a consumer: Node (ESM and CJS), Chromium, workerd");
  }),
);

test("Rollup: for Node and browsers", LIMIT, () =>
  withFolder(async (folder) => {
    const bundle = await rollup({ input: main, plugins: [nodeResolve()] });
    for (const [format, name] of [
      ["esm", "bundle.mjs"],
      ["cjs", "bundle.cjs"],
    ]) {
      await bundle.write({ format, file: join(folder, name) });
      await checkInNode(folder, name);
    }
    await bundle.close();
    await checkScript(folder, "bundle.mjs");
    record("Rollup", rollupVersion, "built and ran a consumer: Node (ESM and CJS), Chromium");
  }),
);

test("webpack: for Node and browsers", LIMIT, () =>
  withFolder(async (path) => {
    for (const [target, filename] of [
      ["node", "node.cjs"],
      ["web", "browser.js"],
    ]) {
      // It would warn of the size of ./testing, which is for tests and tools.
      const performance = { hints: false };
      const stats = await promisify(webpack)({
        mode: "production",
        target,
        entry: main,
        output: { path, filename },
        performance,
      });
      assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
    }
    await checkInNode(path, "node.cjs");
    await checkScript(path, "browser.js");
  }),
);

test("webpack: for Workers; the condition `workerd` needs the alias", LIMIT, () =>
  withFolder(async (path) => {
    const inlined = (name) => [`${name}$`, fileURLToPath(import.meta.resolve(name))];
    const alias = Object.fromEntries(["@dealix/webhooks", "@dealix/webhooks/testing"].map(inlined));
    const conditionNames = ["workerd", "..."];
    const buildWith = (filename, resolve) => {
      const output = { path, filename, module: true, library: { type: "module" } };
      const common = { mode: "production", target: "webworker", entry: join(source, "worker.mjs"), output, resolve };
      return promisify(webpack)({ ...common, experiments: { outputModule: true }, performance: { hints: false } });
    };
    for (const [filename, resolve] of [
      ["default.mjs", {}],
      ["alias.mjs", { conditionNames, alias }],
    ]) {
      const stats = await buildWith(filename, resolve);
      assert.ok(!stats.hasErrors(), stats.toString());
      const contents = readFileSync(join(path, filename));
      await checkInWorkerd([{ type: "ESModule", path: join(path, filename), contents }]);
    }
    const without = await buildWith("without-alias.mjs", { conditionNames });
    assert.match(without.toString(), /'default'.*was not found in '\.\/receiver\.wasm'/);
    record("webpack", webpack.version, "built and ran a consumer: Node, Chromium, workerd");
  }),
);

test("Vite: build, SSR build and development server", LIMIT, () =>
  withFolder(async (folder) => {
    const common = { root: source, configFile: false, logLevel: "error", cacheDir: join(folder, "cache") };
    await vite.build({ ...common, build: { outDir: join(folder, "page"), emptyOutDir: true } });
    await checkPage(join(folder, "page"), "index.html");

    await vite.build({
      ...common,
      build: { ssr: main, outDir: join(folder, "ssr"), emptyOutDir: true },
      ssr: { noExternal: true },
    });
    await checkInNode(folder, "ssr/main.js");

    const server = await vite.createServer({ ...common, server: { host: "127.0.0.1", port: 0 } });
    try {
      await server.listen();
      const requested = await titleIs(server.resolvedUrls.local[0]);
      const optimised = requested.filter((url) => url.includes("/deps/@dealix_webhooks"));
      assert.equal(optimised.length, 4, `all entries come from the dependency optimizer: ${requested}`);
    } finally {
      await server.close();
    }
    record("Vite", vite.version, "built and ran a consumer: Chromium, Node (SSR); development server: Chromium");
  }),
);
