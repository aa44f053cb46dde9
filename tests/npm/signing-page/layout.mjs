// The signing page stands still: nothing moves while it loads, while its clock ticks, or when the verdict turns.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "./built.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };

for (const language of ["en", "ar"]) {
  for (const width of [360, 1440]) {
    test(`signing page: nothing moves at ${width} px, ${language}`, LIMIT, async () => {
      const tab = await browsers.chromium.open(address, { language, width });
      await tab.shows("#verdict");
      await new Promise((resolve) => setTimeout(resolve, 2100));
      assert.deepEqual(await tab.evaluate(shifts), []);
      const top = () => tab.evaluate(() => document.querySelector("#body").getBoundingClientRect().top + scrollY);
      const start = await top();
      const body = await tab.value("#body");
      for (const text of [body, `${body} `, "", body]) {
        await tab.fill("#body", text);
        assert.equal(await top(), start, `after ${text.length} characters`);
      }
      await tab.close();
    });
  }
}

/** What Chromium counts as layout shifts, from the first paint on. */
function shifts() {
  const observer = new PerformanceObserver(() => {});
  observer.observe({ type: "layout-shift", buffered: true });
  return observer
    .takeRecords()
    .map(({ value, sources }) => [value, sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]);
}
