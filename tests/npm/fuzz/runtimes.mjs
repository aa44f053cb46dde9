// Where the cases run. Each entry starts a runtime: it returns a function that runs cases, and one that stops it.
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { bundleWorker } from "../runtimes/bundle-worker.mjs";
import { launchChromium } from "../runtimes/chromium.mjs";
import { copyWithCrossover } from "../runtimes/crossover.mjs";
import { openInFirefox } from "../runtimes/firefox.mjs";
import { manifest, program, run } from "../runtimes/process.mjs";
import { serve } from "../runtimes/static-server.mjs";

const here = (name) => join(import.meta.dirname, name);
/** The body length from which node:crypto hashes, where the package does not choose it. */
const WAYS = { "node:crypto": "0", wasm: "Infinity" };
/** Much longer than a batch of cases takes: the test's own timeout comes first, except in a long run. */
const LIMIT_MS = 600_000;

/** A runtime that is a program. A copy is made with the given way to hash; without one the package chooses. */
export function inProcess(command, words, way) {
  return async (folder) => {
    const file = way
      ? await copyWithCrossover(folder, WAYS[way])
      : join(manifest("@dealix/webhooks").folder, "dist/index.js");
    const copy = pathToFileURL(file).href;
    const env = { ...process.env, HOME: folder, DENO_DIR: folder, DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1" };
    const ending = new AbortController();
    const settings = { env, timeout: LIMIT_MS, signal: ending.signal };
    const fuzz = async (options) => {
      const input = JSON.stringify({ copy, ...options });
      return JSON.parse(await run(program(command), [...words, here("process.mjs"), input], settings));
    };
    return { fuzz, stop: () => ending.abort() };
  };
}

export function inWorkerd(way) {
  return async (folder) => {
    const flags = way === "node:crypto" ? ["nodejs_compat"] : [];
    const modules = await bundleWorker(way === "node:crypto" ? await hostWorker(folder) : here("worker.mjs"));
    const miniflare = new Miniflare({
      modules,
      modulesRoot: "/",
      cf: false,
      compatibilityDate: "2026-04-01",
      compatibilityFlags: flags,
    });
    const fuzz = async (options) => {
      const body = JSON.stringify(options);
      return (await miniflare.dispatchFetch("http://worker.example/", { method: "POST", body })).json();
    };
    return { fuzz, stop: () => miniflare.dispose() };
  };
}

/** The Worker with the build whose WebAssembly is inlined, which hashes by node:crypto under `nodejs_compat`. */
async function hostWorker(folder) {
  const copy = await copyWithCrossover(folder, WAYS["node:crypto"]);
  const code = await readFile(here("worker.mjs"), "utf8");
  const entry = join(folder, "worker.mjs");
  const paths = { '"@dealix/webhooks"': copy, '"./run.mjs"': here("run.mjs") };
  await writeFile(
    entry,
    code.replace(/"[^"]+"(?=;)/g, (name) => JSON.stringify(paths[name])),
  );
  return entry;
}

export async function inChromium(folder) {
  await writePage(folder);
  const browser = await launchChromium();
  const { url, close } = await serve(folder);
  const stop = async () => {
    await browser.close();
    close();
  };
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${url}/page.html`);
    await page.waitForFunction(() => window.fuzz !== undefined);
    return { fuzz: (options) => page.evaluate((options) => window.fuzz(options), options), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The page asks for each batch, and sends what it found. */
export async function inFirefox(folder) {
  await writePage(folder);
  const [asked, found] = [queue(), queue()];
  const handlers = {
    "/batch": async (_request, response) => response.end(JSON.stringify(await asked.next())),
    "/found": async (request, response) => {
      found.add(await json(request));
      response.end();
    },
  };
  const { url, close } = await serve(folder, {}, handlers);
  const { ended, end } = openInFirefox(await mkdtemp(join(folder, "profile-")), `${url}/page.html?unattended`);
  const lost = ended.then(() => Promise.reject(new Error("Firefox ended before the page sent its results")));
  // Unless someone waits for it.
  lost.catch(() => {});
  const fuzz = (options) => {
    asked.add(options);
    return Promise.race([found.next(), lost]);
  };
  const stop = async () => {
    await end();
    close();
  };
  return { fuzz, stop };
}

async function writePage(folder) {
  await build({
    entryPoints: [here("page.mjs")],
    outfile: join(folder, "page.js"),
    bundle: true,
    format: "esm",
    conditions: ["browser"],
  });
  await writeFile(join(folder, "page.html"), '<!doctype html><body><script type="module" src="page.js"></script>');
}

/** What is added on one side and awaited on the other, in order. */
function queue() {
  const { readable, writable } = new TransformStream({}, { highWaterMark: Infinity });
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  return { add: (value) => void writer.write(value), next: async () => (await reader.read()).value };
}
