// What a real click on a label does, in Chromium: it never presses a button.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "./built.mjs";
import { paste } from "./pasting.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };
const { chromium } = browsers;

for (const language of ["en", "ar"]) {
  test(`signing page: a click on a label keeps what was pasted, ${language}`, LIMIT, async () => {
    const tab = await chromium.open(address, { language });
    await tab.shows("#verdict");
    await tab.click("#clear");
    for (const [id, field] of Object.entries({ header: /ترويسة التوقيع|Signature header/, body: /المتن|Body/ })) {
      const name = (await tab.evaluate(labels)).find((label) => field.test(label));
      await tab.mouse(`text="${name}"`);
      assert.equal(await tab.evaluate(() => document.activeElement.id), id, "the label of a field focuses it");
      await paste(tab, `#${id}`, "x".repeat(40_000));
      await tab.shows(`#remove-${id}`);
      await tab.mouse(`text="${name}"`);
      await tab.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
      assert.ok(await tab.text(`#remove-${id}`), `${name} is still kept`);
      const names = await tab.evaluate((selector) => {
        const button = document.querySelector(selector);
        const group = button.closest("[role=group]");
        const named = document.getElementById(group.getAttribute("aria-labelledby"));
        return [button.labels.length, group.ariaLabel ?? named.textContent];
      }, `#remove-${id}`);
      assert.deepEqual(names, [0, name]);
      await tab.mouse(`#remove-${id}`);
      await tab.shows(`textarea#${id}`);
    }
    await tab.close();
  });
}

function labels() {
  return [...document.querySelectorAll("label")].map((label) => label.textContent);
}
