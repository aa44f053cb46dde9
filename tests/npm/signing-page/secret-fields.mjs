// The fields of secrets: masked until asked, and no password to a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "./built.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };

for (const [name, browser] of Object.entries(browsers)) {
  test(`signing page, ${name}: a secret is masked, and no password`, LIMIT, async () => {
    const tab = await browser.open(address);
    for (const [mode, id] of Object.entries({ verify: "secret-0", sign: "signing-secret" })) {
      await tab.click(`#mode-${mode}`);
      await tab.shows(`#${id}`);
      assert.deepEqual(await tab.evaluate(looks, id), ["text", "disc"], mode);
      await tab.click(`#${id} + button`);
      await tab.until((id) => getComputedStyle(document.getElementById(id)).webkitTextSecurity === "none", id);
    }
    await tab.close();
  });

  test(`signing page, ${name}: a hidden secret stays hidden`, LIMIT, async () => {
    const tab = await browser.open(address);
    await tab.shows("#secret-0");
    await tab.click("#add-secret");
    await tab.shows("#secret-1");
    await tab.fill("#secret-1", "whsec_hidden");
    await tab.click("#secret-0 + button");
    await tab.until(() => document.querySelector("#secret-0 + button").ariaPressed === "true");
    await tab.click("#secret-0 + button + button");
    await tab.until(() => document.querySelector("#secret-1") === null);
    assert.equal(await tab.value("#secret-0"), "whsec_hidden");
    assert.deepEqual(await tab.evaluate(looks, "secret-0"), ["text", "disc"]);
    await tab.click("#secret-0 + button");
    await tab.until(() => document.querySelector("#secret-0 + button").ariaPressed === "true");
    await tab.fill("#secret-0", "whsec_shown");
    assert.deepEqual(await tab.evaluate(looks, "secret-0"), ["text", "none"], "typing hides nothing");
    await tab.click("#clear");
    await tab.until(() => document.querySelector("#secret-0").value === "");
    assert.deepEqual(await tab.evaluate(looks, "secret-0"), ["text", "disc"], "Clear hides again");
    await tab.close();
  });
}

function looks(id) {
  const field = document.getElementById(id);
  return [field.type, getComputedStyle(field).webkitTextSecurity];
}
