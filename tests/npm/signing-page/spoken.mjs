// What a screen reader hears: one status that is never replaced, and no more often than a person can follow.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "./built.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };
const { chromium } = browsers;

test("signing page: each verdict is spoken from the same status", LIMIT, async () => {
  const tab = await opened();
  await tab.fill("#body", "{}");
  await hears(tab, "Does not match");
  const heard = await tab.evaluate(() => window.heard.length);
  await new Promise((resolve) => setTimeout(resolve, 2100));
  assert.equal(await tab.evaluate(() => window.heard.length), heard, "the clock is not spoken");
  const body = JSON.stringify({ id: 1 });
  await tab.fill("#body", body);
  await tab.click("#explain");
  await tab.shows("#cause");
  await hears(tab, await tab.word());
  await tab.click("#to-verify");
  await hears(tab, "Does not match");
  assert.ok(await tab.evaluate(() => window.spokenFrom.isConnected), "it is the first one still");
  assert.equal(await tab.evaluate(() => document.querySelectorAll("#verdict [aria-live], #verdict [role]").length), 0);
  await tab.close();
});

test("signing page: Sign speaks once the typing rests", LIMIT, async () => {
  const tab = await opened();
  await tab.click("#mode-sign");
  await tab.click('[name="editing"][value="plain"]');
  await tab.until(() => document.querySelector("#status").textContent === "");
  await tab.evaluate(() => {
    document.querySelector("#data").select();
    window.heard = [];
  });
  await tab.type('{"name": tru, "amount": 1}');
  await hears(tab, "Line 1, column 10");
  assert.equal(await tab.evaluate(() => window.heard.length), 1);
  assert.equal(await tab.evaluate(() => document.querySelectorAll("main [aria-live]:not(.copy *)").length), 0);
  await tab.close();
});

test("signing page: a fault of a field stands under that field", LIMIT, async () => {
  const tab = await opened();
  await tab.click("#mode-sign");
  await tab.choose("#type", "");
  await tab.shows("#own-type");
  for (const [id, wrong, right] of [
    ["url", "ftp://x", "https://x.example/"],
    ["time", "soon", "1764321600"],
    ["own-type", "é", "deal.won"],
  ]) {
    assert.deepEqual(await tab.evaluate(fault, id), ["false", undefined]);
    await tab.fill(`#${id}`, wrong);
    const [isInvalid, sentence] = await tab.evaluate(fault, id);
    assert.equal(isInvalid, "true", id);
    assert.ok(sentence, id);
    assert.ok(!(await tab.text("#data-problems")).includes(sentence), id);
    await hears(tab, sentence);
    await tab.fill(`#${id}`, right);
  }
  await tab.close();
});

/** A tab that keeps what its status says, each time that it changes. */
async function opened() {
  const tab = await chromium.open(address);
  await tab.shows("#status");
  await tab.evaluate(() => {
    window.heard = [];
    window.spokenFrom = document.querySelector("[role=status]");
    const hear = () => window.heard.push(window.spokenFrom.textContent);
    new MutationObserver(hear).observe(window.spokenFrom, { childList: true, characterData: true, subtree: true });
  });
  return tab;
}

function hears(tab, text) {
  return tab.until((text) => window.heard.at(-1)?.includes(text) === true, text);
}

function fault(id) {
  const field = document.getElementById(id);
  return [field.ariaInvalid, document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent];
}
