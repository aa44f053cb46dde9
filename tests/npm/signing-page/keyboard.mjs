// The signing page without a mouse: each control is reached by Tab, the focus is seen and is never lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "./built.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };
const { chromium } = browsers;

for (const language of ["en", "ar"]) {
  test(`signing page: a failure is found and undone by keyboard alone, ${language}`, LIMIT, async () => {
    const tab = await chromium.open(address, { language });
    await tab.shows("#verdict");
    await tabTo(tab, "body");
    await tab.press("Control+End");
    await tab.press("Enter");
    await tab.shows("#explain");
    await tabTo(tab, "explain", "Shift+Tab");
    await tab.press("Enter");
    await tab.shows("#undo");
    assert.equal(await focused(tab), "undo");
    await tab.press("Enter");
    await tab.until(() => document.querySelector("#verdict").dataset.tone === "good");
    assert.equal(await focused(tab), "to-verify");
    await tab.press("Enter");
    await tab.shows("#body");
    assert.equal(await tab.tone(), "bad");
    await tab.close();
  });
}

test("signing page: Tab reaches every control and shows where it is", LIMIT, async () => {
  const tab = await chromium.open(address);
  await tab.shows("#verdict");
  for (const mode of ["verify", "explain", "sign"]) {
    await tab.click(`#mode-${mode}`);
    // It takes the place of a field that Tab would have reached.
    if (mode === "sign") await tab.shows("#data-editor");
    await tab.evaluate(() => document.activeElement.blur());
    const left = new Set(await tab.evaluate(controls));
    const unseen = [];
    for (let presses = 0; presses < 60 && left.size > 0; presses++) {
      await tab.press("Tab");
      const { name, isSeen } = await tab.evaluate(focus);
      left.delete(name);
      // Past the last control the focus is in the browser's own for a moment.
      if (!isSeen && name !== "BODY") unseen.push(name);
    }
    assert.deepEqual([...left], [], `${mode}: never reached`);
    assert.deepEqual(unseen, [], `${mode}: focus without an outline`);
  }
  await tab.close();
});

test("signing page: the focus stays where it was, as the clock ticks", LIMIT, async () => {
  const tab = await chromium.open(address, { width: 360 });
  await tab.shows("#verdict");
  await tab.fill("#body", "{}");
  await tab.shows("#explain");
  const state = () => [document.activeElement.tagName, scrollY];
  for (const press of ["#explain", "#to-verify"]) {
    await tab.shows(press);
    // Beside all controls: the focus is on nothing.
    await tab.mouse("footer", { x: 2, y: 2 });
    const before = await tab.evaluate(state);
    assert.equal(before[0], "BODY");
    assert.ok(before[1] > 0, "the page is scrolled");
    await new Promise((resolve) => setTimeout(resolve, 2100));
    assert.deepEqual(await tab.evaluate(state), before);
    await tab.mouse(press);
  }
  assert.equal(await focused(tab), "explain", "a button that replaces the one pressed has the focus");
  await tab.close();
});

async function tabTo(tab, id, key = "Tab") {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused(tab)) === id) return;
    await tab.press(key);
  }
  throw new Error(`${key} never reaches ${id}`);
}

function focused(tab) {
  return tab.evaluate(() => document.activeElement?.id ?? null);
}

/** Names what Tab should stop at: every control, and one of each group of radio buttons. */
function controls() {
  const selector = "button, input:not([type=radio]), input:checked, select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(selector)].filter((one) => !one.disabled && one.checkVisibility());
  return all.map((one, index) => (one.dataset.name = `${one.tagName} ${one.id || one.className} ${index}`));
}

/** The element that has the focus, and whether it or its label is outlined. */
function focus() {
  const one = document.activeElement;
  const boxes = [one, one.closest("label")].filter((box) => box !== null);
  const isSeen = boxes.some((box) => getComputedStyle(box).outlineStyle === "solid");
  return { name: one.dataset.name ?? one.tagName, isSeen };
}
