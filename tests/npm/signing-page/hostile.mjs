// Input that no delivery has: each gets a sentence, or is shown as it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { signPayload } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { address } from "./built.mjs";
import { assertSilent } from "./leaks.mjs";
import { GIVE, paste } from "./pasting.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };
const SECRET = "whsec_Zm9yIHRoZSB0ZXN0cw";
const canonical = serializeEnvelope(makeEvent({ type: "deal.won" }));
const sign = (body) => signPayload({ secret: SECRET, body });
const header = sign(canonical);

for (const [name, browser] of Object.entries(browsers)) {
  const page = (what, run) =>
    test(`signing page, ${name}: ${what}`, LIMIT, async () => {
      const tab = await browser.open(address);
      await tab.shows("#verdict");
      await tab.click("#clear");
      await run(tab);
      await assertSilent(tab);
      await tab.close();
    });

  page("a header of 1 MB gets a sentence", async (tab) => {
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", `t=1,v1=${"0".repeat(1_000_000)}`);
    assert.equal(await tab.word(), "Too long for a header");
    await tab.fill("#header", `t=1,${"v1=0,".repeat(20_000)}`);
    assert.equal(await tab.word(), "Not a signature header");
  });

  page("no secret and half a character are named", async (tab) => {
    await tab.fill("#header", header);
    await tab.fill("#body", canonical);
    assert.equal(await tab.word(), "Enter the secret");
    await tab.fill("#secret-0", "undefined");
    assert.equal(await tab.word(), "Not a secret");
    await tab.fill("#secret-0", SECRET);
    await tab.evaluate(() => {
      const field = document.querySelector("#body");
      field.value = "\ud83d";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    assert.equal(await tab.word(), "Half a character in the body");
  });

  page("half a character in a long paste is named", async (tab) => {
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", header);
    for (const times of [40_000, 2_500_000]) {
      await tab.evaluate(GIVE, { way: "pasted", unit: "🌅", times, end: "\ud83d" });
      await becomes(tab, "Half a character in the body");
      await tab.click("#remove-body");
    }
    const body = "🌅".repeat(2_500_001);
    await tab.fill("#header", sign(body));
    await tab.evaluate(GIVE, { way: "pasted", unit: "🌅", times: 2_500_001 });
    await becomes(tab, "Verified");
  });

  page("a pasted header of 1 MB can be removed", async (tab) => {
    await tab.fill("#secret-0", SECRET);
    await paste(tab, "#header", `t=1,v1=${"0".repeat(1_000_000)}`);
    await becomes(tab, "Too long for a header");
    await tab.click("#remove-header");
    assert.equal(await tab.value("#header"), "");
  });

  page("a file that cannot be read is named", async (tab) => {
    await tab.fill("#header", header);
    await tab.evaluate(() => {
      const gone = { name: "gone.json", size: 10, arrayBuffer: () => Promise.reject(new Error("gone")) };
      const event = new Event("drop", { bubbles: true, cancelable: true });
      document
        .querySelector("#body")
        .dispatchEvent(Object.assign(event, { dataTransfer: { files: [gone], getData: () => "" } }));
    });
    await becomes(tab, "The file cannot be read");
    assert.match(await tab.text(".kept"), /gone\.json/);
  });

  page("a binary file is judged, and shown as bytes", async (tab) => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => 255 - (index % 256));
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", sign(bytes));
    await tab.click('[name="body-kind"][value="file"]');
    await tab.giveFile("#body", bytes);
    await becomes(tab, "Verified");
    await tab.until(() => document.querySelector(".facts").textContent.includes("ff fe fd fc"));
  });

  page("numbers and repeated keys stay as signed", async (tab) => {
    const body = '{"n":12345678901234567890,"amount":1.10,"a":1,"a":2}';
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", sign(body));
    await tab.fill("#body", body);
    assert.equal(await tab.word(), "Verified");
    const [shown, facts] = [await tab.text(".json"), await tab.text(".facts")];
    assert.equal(shown.replace(/\s/g, ""), body);
    assert.match(facts, /Given twice[^.]*: \W*a\W/);
    assert.match(facts, /JavaScript rounds[^:]*: \W*12345678901234567890/);
  });

  page("a line break after a secret is pointed out", async (tab) => {
    await tab.fill("#header", header);
    await tab.fill("#body", canonical);
    await paste(tab, "#secret-0", `${SECRET}\n`);
    await tab.shows("#secret-around");
    assert.equal(await tab.value("#secret-0"), SECRET);
    assert.equal(await tab.word(), "Verified");
    await tab.fill("#secret-0", "");
    await paste(tab, "#secret-0", SECRET);
    await tab.until(() => document.querySelector("#secret-around") === null);
  });
}

function becomes(tab, word) {
  return tab.until((word) => document.querySelector("#verdict .word").textContent === word, word);
}
