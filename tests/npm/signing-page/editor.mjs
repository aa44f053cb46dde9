// The editor of the data in Sign: it starts late, takes the plain field's place unnoticed, and knows what is signed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { verifySignature } from "@dealix/webhooks";
import { address } from "./built.mjs";
import {
  attributes,
  enter,
  focusEditor,
  layout,
  marked,
  openEditor,
  openPlain,
  paste,
  positions,
  shadowText,
} from "./editing.mjs";
import { assertSecretsStay, assertSilent } from "./leaks.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };
const SECRET = "whsec_Zm9yIHRoZSB0ZXN0cw";
const SAMPLE = '{"a": 12345678901234567890, "note": "شركة الأفق 🌅", "a": "x\u200by"}';

for (const [name, browser] of Object.entries(browsers)) {
  const flow = (what, run, options = {}) =>
    test(`signing page, ${name}, editor: ${what}`, LIMIT, async () => {
      const tab = await browser.open(options.address ?? address, options);
      await tab.shows("#verdict");
      await run(tab);
      await assertSilent(tab);
      await assertSecretsStay(tab, [SECRET]);
      await tab.close();
    });

  flow("does not run before Sign is opened", async (tab) => {
    const state = () => [typeof globalThis.startEditor, document.querySelector("#data-editor") !== null];
    assert.deepEqual(await tab.evaluate(state), ["undefined", false]);
    await openEditor(tab);
    assert.deepEqual(await tab.evaluate(state), ["function", true]);
  });

  flow("what is typed is signed", async (tab) => {
    await openEditor(tab);
    await tab.fill("#signing-secret", SECRET);
    await enter(tab, '{"n": 1.0, "name": "مرحبا é 🌅"}');
    const [signatureHeader, body] = [await tab.text("#signed-header"), await tab.text("#canonical")];
    assert.match(body, /"data":\{"n":1.0,"name":"\\u0645\\u0631\\u062d\\u0628\\u0627 \\u00e9 \\ud83c\\udf05"\}/);
    assert.ok(verifySignature({ secret: SECRET, signatureHeader, body }).valid);
    await tab.press("Control+z");
    await tab.until((typed) => document.querySelector("#canonical").textContent !== typed, body);
    assert.ok(!(await tab.evaluate(shadowText)).includes(SECRET), "the secret stays in its field");
  });

  flow("Tab leaves it, and Shift+Tab comes back", async (tab) => {
    await openEditor(tab);
    await focusEditor(tab);
    await tab.press("Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.id), "signing-secret");
    await tab.press("Shift+Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.id), "data-editor");
    const outline = await tab.evaluate(() => getComputedStyle(document.querySelector("#data-editor")).outlineStyle);
    assert.equal(outline, "solid", "focus is visible");
  });

  for (const language of ["en", "ar"]) {
    const marks = async (tab) => {
      await openEditor(tab);
      await tab.fill("#data", SAMPLE.replace("}", ', "b": tru}'));
      assert.deepEqual(await tab.evaluate(marked, "warning"), ['"a"', "12345678901234567890"]);
      assert.deepEqual(await tab.evaluate(marked, "error"), ["t"]);
      const label = language === "ar" ? "البيانات" : "Data";
      assert.deepEqual(await tab.evaluate(attributes), [label, "true"]);
      const title = () => document.querySelector("#data-editor").shadowRoot.querySelector(".cm-specialChar").title;
      assert.match(await tab.evaluate(title), language === "ar" ? /حرف تحكم/ : /Control character/);
      await focusEditor(tab);
      await tab.press("F8");
      await tab.until(() => document.querySelector("#data-editor").shadowRoot.querySelector(".cm-diagnostic") !== null);
      assert.match(await tab.evaluate(shadowText), language === "ar" ? /لا يوقَّع/ : /Not signed/);
      await tab.fill("#data", '{"a": 1}');
      assert.deepEqual(await tab.evaluate(attributes), [label, "false"]);
      assert.deepEqual(await tab.evaluate(marked, "error"), []);
    };
    flow(`marks what is wrong in place, ${language}`, marks, { language });

    const isolates = async (tab) => {
      await openEditor(tab);
      await tab.fill("#data", '{"name": "شركة الأفق 🌅", "n": 1}');
      const [key, first, emoji, number] = await tab.evaluate(positions, ['"name"', "شركة", "🌅", "1"]);
      // Without isolation, the emoji would stand to the right of the Arabic words.
      assert.ok(key < emoji && emoji < first && first < number, `${key} ${emoji} ${first} ${number}`);
    };
    flow(`Arabic strings read right to left, ${language}`, isolates, { language });
  }

  flow("the plain field holds the same text", async (tab) => {
    await openEditor(tab);
    await enter(tab, '{"from": "the editor"}');
    await tab.click('[name="editing"][value="plain"]');
    assert.equal(await tab.evaluate(() => document.querySelector("#data-editor")), null);
    assert.equal(await tab.value("#data"), '{"from": "the editor"}');
    await tab.evaluate(() => void document.querySelector("#data").focus());
    await tab.press("Control+a");
    await tab.type('{"from": "the field"}');
    await tab.click("#mode-verify");
    await tab.click("#mode-sign");
    assert.equal(await tab.value("#data"), '{"from": "the field"}', "the choice outlives a change of mode");
    await tab.click('[name="editing"][value="editor"]');
    await tab.shows("#data-editor");
    assert.match(await tab.evaluate(shadowText), /"from": "the field"/);
    const kept = () => [{ ...localStorage }, { ...sessionStorage }, document.cookie, location.hash];
    assert.deepEqual(await tab.evaluate(kept), [{}, {}, "", "#mode=sign"]);
  });

  flow("follows the language and the type", async (tab) => {
    await openEditor(tab);
    assert.match(await tab.evaluate(shadowText), /contact/);
    await tab.choose("#type", "payment.refunded");
    const shown = await tab.evaluate(shadowText);
    assert.equal(shown, (await tab.value("#data")).replaceAll("\n", ""));
    assert.doesNotMatch(shown, /contact/);
    await tab.click("#language");
    assert.deepEqual(await tab.evaluate(attributes), ["البيانات", "false"]);
  });

  flow("nothing moves when it starts", async (tab) => {
    await tab.evaluate(() => {
      window.shifts = [];
      if (PerformanceObserver.supportedEntryTypes.includes("layout-shift")) {
        const observer = new PerformanceObserver((list) => window.shifts.push(...list.getEntries()));
        observer.observe({ type: "layout-shift" });
      }
    });
    await openPlain(tab);
    const before = await tab.evaluate(layout, "#data");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await tab.evaluate(() => (window.shifts.length = 0));
    await tab.evaluate(() => void window.runIdle());
    await tab.shows("#data-editor");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(await tab.evaluate(layout, "#data-editor"), before);
    assert.equal(await tab.evaluate(() => window.shifts.length), 0);
  });

  flow("waits while somebody types in the plain field", async (tab) => {
    await openPlain(tab);
    await tab.evaluate(() => void document.querySelector("#data").focus());
    await tab.evaluate(() => void window.runIdle());
    await tab.press("Control+a");
    await tab.type('{"n": 1}');
    assert.equal(await tab.value("#data"), '{"n": 1}');
    assert.equal(await tab.evaluate(() => document.querySelector("#data-editor")), null);
    await tab.press("Tab");
    await tab.shows("#data-editor");
    assert.equal(await tab.evaluate(() => document.activeElement.id), "signing-secret");
  });

  flow("50 MB pasted get a sentence within two seconds", async (tab) => {
    await openEditor(tab);
    for (const view of ["editor", "plain"]) {
      await tab.click(`[name="editing"][value="${view}"]`);
      await tab.fill("#data", "{}");
      const took = await tab.evaluate(paste);
      assert.match(await tab.text("#data-problems"), /no more than 1 MiB/, view);
      assert.ok(took < 2000, `${view}: ${took} ms`);
      await tab.fill("#data", '{"n": 1}');
      assert.match(await tab.text("#canonical"), /"data":\{"n":1\}/);
    }
  });
}

test("signing page, editor: touch screens start with the plain field", LIMIT, async () => {
  const tab = await browsers.chromium.open(address, { width: 360, isMobile: true });
  await tab.shows("#verdict");
  await tab.click("#mode-sign");
  assert.equal(await tab.evaluate(() => document.querySelector('[name="editing"]:checked').value), "plain");
  await tab.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  assert.equal(await tab.evaluate(() => typeof globalThis.startEditor), "undefined");
  await tab.click('[name="editing"][value="editor"]');
  await tab.shows("#data-editor");
  await assertSilent(tab);
  await tab.close();
});
