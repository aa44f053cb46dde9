// What a bundler built of the consumer works: in Node, workerd and Chromium.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { launchChromium } from "../runtimes/chromium.mjs";
import { run } from "../runtimes/process.mjs";
import { serve } from "../runtimes/static-server.mjs";
import { EXPECTED } from "./consumer.mjs";

let browser;
export const openBrowser = async () => (browser = await launchChromium());
export const closeBrowser = () => browser?.close();

export async function checkInNode(folder, name) {
  // A bundle in its own folder: if it did not contain the package, it would not find it.
  assert.equal((await run("node", [join(folder, name)])).trim(), EXPECTED, name);
}

export async function checkInWorkerd(modules) {
  const miniflare = new Miniflare({ modules, modulesRoot: "/", cf: false, compatibilityDate: "2026-04-01" });
  try {
    assert.equal(await (await miniflare.dispatchFetch("http://worker.example/")).text(), EXPECTED);
  } finally {
    await miniflare.dispose();
  }
}

/** Checks a browser bundle in a new page. */
export async function checkScript(folder, name) {
  writeFileSync(join(folder, "page.html"), `<!doctype html><script type="module" src="./${name}"></script>`);
  await checkPage(folder, "page.html");
}

export async function checkPage(folder, name) {
  const { url, close } = await serve(folder);
  try {
    await titleIs(`${url}/${name}`);
  } finally {
    close();
  }
}

/** Checks that a page shows the consumer's result; returns what it requested. */
export async function titleIs(url) {
  const page = await browser.newPage();
  const requested = [];
  const failures = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("pageerror", (error) => failures.push(error.message));
  try {
    await page.goto(url);
    const shown = page.waitForFunction((expected) => document.title === expected, EXPECTED, { timeout: 20_000 });
    await shown.catch(async () => assert.fail(`the page shows "${await page.title()}": ${failures.join("; ")}`));
    return requested;
  } finally {
    await page.close();
  }
}
