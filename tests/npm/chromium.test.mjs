// The suite in a page of headless Chromium: plain module scripts and an import map, no bundler. And a page that
// forbids WebAssembly.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { launchChromium } from "./runtimes/chromium.mjs";
import { record } from "./runtimes/matrix.mjs";
import { report } from "./runtimes/report.mjs";
import { serve } from "./runtimes/static-server.mjs";
import { vectors } from "./runtimes/vectors.mjs";

const PAGE = "/tests/npm/runtimes/browser.html";
const folder = join(import.meta.dirname, "../..");
const browser = await launchChromium();
try {
  const checks = report("chromium", await inPage({}, (vectors) => window.run(vectors)));
  // Debian's version depends on the machine.
  record("Chromium", browser.version().split(".")[0], `suite of ${checks} checks, plain module scripts`);

  const policy = { "Content-Security-Policy": "script-src 'self' 'unsafe-inline'" };
  const refused = await inPage(policy, () => {
    try {
      return String(new window.webhooks.Webhook("s"));
    } catch ({ name, code, message }) {
      return { name, code, message };
    }
  });
  test("chromium: without WebAssembly the import works, and a call says why", () => {
    assert.equal(`${refused.name} ${refused.code}`, "WebhookConfigurationError unsupported_runtime");
    assert.match(refused.message, /\)\. Allow 'wasm-unsafe-eval' in the page's Content-Security-Policy\. See/);
  });
} finally {
  await browser.close();
}

async function inPage(headers, run) {
  const { url, close } = await serve(folder, headers);
  const page = await browser.newPage();
  try {
    const failures = [];
    page.on("pageerror", (error) => failures.push(error.message));
    await page.goto(url + PAGE);
    await page
      .waitForFunction(() => window.run !== undefined, undefined, { timeout: 20_000 })
      .catch((error) => {
        throw new Error(`the page did not start: ${failures.join("; ")}`, { cause: error });
      });
    return await page.evaluate(run, vectors);
  } finally {
    await page.close();
    close();
  }
}
