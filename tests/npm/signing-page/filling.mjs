// The signing page while its form is being filled in, and when its own work fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { signPayload } from "@dealix/webhooks";
import { address } from "./built.mjs";
import { assertSilent } from "./leaks.mjs";
import { GIVE, paste } from "./pasting.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 90_000 };
const SECRET = "whsec_Zm9yIHRoZSB0ZXN0cw";
const OTHER = "whsec_b2Ygbm8gaW1wb3J0";
const sign = (body, timestamp) => signPayload({ secret: SECRET, body, timestamp });

for (const [name, browser] of Object.entries(browsers)) {
  const page = (what, run) =>
    test(`signing page, ${name}: ${what}`, LIMIT, async () => {
      const tab = await browser.open(address);
      await tab.shows("#verdict");
      await run(tab);
      await assertSilent(tab);
      await tab.close();
    });

  page("a body that is not there yet is asked for", async (tab) => {
    await tab.click("#clear");
    await tab.fill("#header", sign("{}"));
    assert.deepEqual([await tab.tone(), await tab.word()], ["wait", "Paste the body"]);
    await tab.fill("#secret-0", SECRET);
    assert.deepEqual([await tab.tone(), await tab.word()], ["wait", "Paste the body"]);
    await tab.click("#explain");
    await tab.shows("#cause");
    assert.equal(await tab.text("#cause"), "empty_body");
    await tab.click("#mode-verify");
    await tab.shows("#header");
    await tab.fill("#header", sign(""));
    assert.equal(await tab.word(), "Verified");
    await tab.fill("#header", sign("{}"));
    await tab.click('[name="body-kind"][value="file"]');
    await tab.giveFile("#body", Buffer.alloc(0));
    await tab.until(() => document.querySelector("#verdict .word").textContent === "Does not match");
  });

  page("the field of the secret that matched is named", async (tab) => {
    await tab.click("#clear");
    await tab.fill("#header", sign("{}"));
    await tab.fill("#body", "{}");
    await tab.click("#add-secret");
    await tab.click("#add-secret");
    await tab.fill("#secret-0", OTHER);
    await tab.fill("#secret-2", SECRET);
    assert.match(await tab.text("#verdict .more"), /secret 3 of 3/);
    const parts = ",v1=00".repeat(30);
    await tab.fill("#header", `${sign("{}").replace(",", `${parts},`)},v1=11`);
    assert.match(await tab.text("#verdict .more"), /v1 number 31 of 32/);
  });

  page("a paste read as text can be read as base64", async (tab) => {
    const text = Buffer.from("{}".padEnd(60_000)).toString("base64");
    await tab.click("#clear");
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", sign("{}".padEnd(60_000)));
    await paste(tab, "#body", text);
    assert.equal(await tab.word(), "Does not match");
    await tab.click('[name="body-kind"][value="base64"]');
    assert.equal(await tab.word(), "Verified");
    await tab.click('[name="body-kind"][value="text"]');
    assert.equal(await tab.word(), "Does not match");
  });

  page("a clock that is no time is refused", async (tab) => {
    await tab.click("#clear");
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", sign("{}", 1_764_321_600));
    await tab.fill("#body", "{}");
    await tab.click('[name="clock"][value="chosen"]');
    await tab.fill(".seconds", "1764321601");
    assert.equal(await tab.word(), "Verified");
    for (const text of ["1764321600123", "2025-11-28T09:20:00Z", "", "-5", "1e9"]) {
      await tab.fill(".seconds", text);
      assert.equal(await tab.value(".seconds"), text);
      assert.deepEqual([await tab.tone(), await tab.word()], ["wait", "No usable clock"], text);
      assert.equal(await tab.evaluate(() => document.querySelector(".seconds").ariaInvalid), "true");
      assert.match(await tab.text("#clock-problem"), /whole number of seconds/);
    }
    await tab.fill(".seconds", " 1764321602 ");
    assert.equal(await tab.word(), "Verified");
    assert.equal(await tab.text("#clock-problem"), null);
    await tab.fill(".seconds", "x");
    await tab.click('[name="clock"][value="signed"]');
    assert.equal(await tab.word(), "Verified");
  });

  page("a check that fails is said to have failed", async (tab) => {
    await tab.evaluate(BREAK_WORKERS);
    await tab.click("#clear");
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", sign("{}"));
    await tab.evaluate(GIVE, { way: "pasted", unit: " ", times: 2_000_000 });
    await tab.until(() => document.querySelector("#verdict .word").textContent === "The check failed");
    assert.equal(await tab.tone(), "bad");
    await tab.evaluate(() => void document.querySelector(".kept button").click());
    await tab.fill("#body", "[]");
    await tab.click("#explain");
    await tab.until(() => document.querySelector("#verdict .word").textContent === "The search failed");
    assert.equal(await tab.text("#cause"), null);
  });

  page("the sample stays good on an idle page", async (tab) => {
    await tab.evaluate(
      () =>
        void (Date.now = (
          (real) => () =>
            real() + 3_600_000
        )(Date.now)),
    );
    await new Promise((resolve) => setTimeout(resolve, 2200));
    assert.equal(await tab.tone(), "good");
    assert.equal(await tab.evaluate(() => document.querySelector('[name="clock"]:checked').value), "signed");
    await tab.fill("#header", sign("{}", 1_764_321_600));
    assert.equal(await tab.evaluate(() => document.querySelector('[name="clock"]:checked').value), "now");
  });

  page("an unchanged verdict leaves the focus alone", async (tab) => {
    await tab.click("#clear");
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", sign("{}"));
    await tab.fill("#body", "[]");
    await tab.press("Tab");
    await tab.evaluate(() => document.activeElement.blur());
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.equal(await tab.evaluate(() => document.activeElement.tagName), "BODY");
  });
}

/** Workers that answer every task as one does that ran out of memory. */
function BREAK_WORKERS() {
  window.Worker = class {
    postMessage() {
      setTimeout(() => this.onmessage({ data: { failed: "RangeError: out of memory" } }));
    }
    terminate() {}
  };
}
