// What the page shows of the difference between what was signed and what arrived: in its order, and nothing unseen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { signPayload } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { address } from "./built.mjs";
import { assertSecretsStay, assertSilent } from "./leaks.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };
const SECRET = "whsec_Zm9yIHRoZSB0ZXN0cw";
const canonical = serializeEnvelope(makeEvent({ type: "deal.won" }));
const sides = [".side.signed code", ".side.received code"];

for (const [name, browser] of Object.entries(browsers)) {
  for (const language of ["en", "ar"]) {
    const flow = (what, run) =>
      test(`signing page, ${name}, ${language}, difference: ${what}`, LIMIT, async () => {
        const tab = await browser.open(address, { language });
        await tab.shows("#verdict");
        await run(tab);
        await assertSilent(tab);
        await assertSecretsStay(tab, [SECRET]);
        await tab.close();
      });

    flow("Arabic JSON keeps its order", async (tab) => {
      // Long enough that what is equal begins in the middle of the Arabic.
      const signed = '{"name":"تأسست في مدينة الرياض في عام ألف شركة الأفق","city":"Riyadh"}';
      await explain(tab, { signed, body: `${signed}\n` });
      for (const side of sides) {
        const [first, second, key, value] = await tab.evaluate(places, [side, "شركة", "الأفق", "city", "Riyadh"]);
        assert.ok(second < first && first < key && key < value, `${side}: ${[first, second, key, value]}`);
      }
    });

    flow("Arabic that changed keeps its order", async (tab) => {
      const signed = serializeEnvelope(makeEvent({ type: "deal.won", data: { name: "أفق را" } }));
      await explain(tab, { signed, body: JSON.stringify(JSON.parse(signed)) });
      const [key, first, second] = await tab.evaluate(places, [sides[1], "name", "أفق", "را"]);
      assert.ok(key < second && second < first, `${[key, first, second]}`);
    });

    flow("binary against text is hex on both sides", async (tab) => {
      const zipped = gzipSync(canonical);
      await explain(tab, { signed: canonical, body: zipped });
      const [signed, received] = [await tab.text(sides[0]), await tab.text(sides[1])];
      assert.match(signed, /^7b 22 /);
      assert.match(received, /^1f 8b /);
      for (const text of [signed, received])
        assert.match(text.replace(/···[^·]*?(?=([0-9a-f]{2} )|$)/g, ""), /^([0-9a-f]{2} )+$/);
      assert.equal(await tab.evaluate(() => document.querySelectorAll(".difference .hint").length), 1, "it says so");
    });

    flow("what cannot be seen is named", async (tab) => {
      const signed = '{"a":"x\u200f\u202e\u2066\u00ad\u2028y"}';
      await explain(tab, { signed, body: `${signed}\n` });
      for (const side of sides) assert.match(await tab.text(side), /U\+200FU\+202EU\+2066U\+00ADU\+2028y/);
    });

    flow("a secret in another encoding is not called too short", async (tab) => {
      await explain(tab, { signed: canonical, signedWith: Buffer.from(SECRET).toString("hex") });
      assert.match(await tab.text(".columns"), language === "ar" ? /صيغة أخرى/ : /a different form/);
      await explain(tab, { signed: canonical, secret: SECRET.slice("whsec_".length) });
      assert.match(await tab.text(".columns"), /6/);
    });

    flow("places in a secret count whole characters", async (tab) => {
      const secret = "whsec_🌅🌅🌅🌅🌅🌅🌅🌅";
      await explain(tab, { signed: canonical, signedWith: secret, secret: `"${secret}"` });
      assert.match(await tab.text(".columns"), / 1, 16\./);
    });

    flow("the secret that is nearly right is compared", async (tab) => {
      await explain(tab, {
        signed: canonical,
        secret: "whsec_unrelated",
        second: Buffer.from(SECRET).toString("base64"),
      });
      const dots = await tab.evaluate(() => document.querySelectorAll(".dots code > *").length);
      assert.equal(dots, Buffer.from(SECRET).toString("base64").length);
    });
  }
}

/** Gives the page what was signed, or another body or secret, and asks why it does not fit. */
async function explain(tab, { signed, body = signed, signedWith = SECRET, secret = SECRET, second }) {
  await tab.click("#mode-verify");
  await tab.click("#clear");
  await tab.fill("#header", signPayload({ secret: signedWith, body: signed }));
  await tab.fill("#secret-0", secret);
  if (second !== undefined) {
    await tab.click("#add-secret");
    await tab.shows("#secret-1");
    await tab.fill("#secret-1", second);
  }
  await tab.click('[name="body-kind"][value="file"]');
  await tab.giveFile("#body", body);
  await tab.shows(".kept");
  await tab.shows("#explain");
  await tab.click("#explain");
  await tab.shows("#undo");
}

/** Where the middle of each text is, from the left. Runs in the page. */
function places([selector, ...texts]) {
  const walker = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return texts.map((text) => {
    const node = nodes.find(({ data }) => data.includes(text));
    const range = document.createRange();
    range.setStart(node, node.data.indexOf(text));
    range.setEnd(node, node.data.indexOf(text) + text.length);
    const { left, right } = range.getBoundingClientRect();
    return (left + right) / 2;
  });
}
