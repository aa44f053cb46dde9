// Each mode of the signing page, in both browsers and both languages; after each flow, that it was silent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { signPayload, verifySignature } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { address } from "./built.mjs";
import { assertSecretsStay, assertSilent } from "./leaks.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 90_000 };
const SECRET = "whsec_Zm9yIHRoZSB0ZXN0cw";
const OTHER = "whsec_b2Ygbm8gaW1wb3J0";
const body = serializeEnvelope(makeEvent({ type: "deal.won" }));
const now = () => Math.floor(Date.now() / 1000);
const sign = (timestamp = now(), secret = SECRET) => signPayload({ secret, body, timestamp });

const WORDS = {
  en: { good: "Verified", bad: "Does not match", stale: "Too old or too new", secret: "Enter the secret" },
  ar: { good: "التوقيع صحيح", bad: "التوقيع لا يطابق", stale: "أقدم أو أحدث من اللازم", secret: "أدخل المفتاح السري" },
};

for (const [name, browser] of Object.entries(browsers)) {
  for (const language of ["en", "ar"]) {
    const words = WORDS[language];
    /** `visible` names where a secret may be seen: whoever types it into the body sees it there. */
    const flow = (what, run, visible = []) =>
      test(`signing page, ${name}, ${language}: ${what}`, LIMIT, async () => {
        const tab = await browser.open(address, { language });
        await tab.shows("#verdict");
        await run(tab);
        await assertSilent(tab);
        await assertSecretsStay(tab, [SECRET, OTHER], visible);
        await tab.close();
      });

    flow("a first visit shows a good Arabic sample", async (tab) => {
      assert.equal(await tab.word(), words.good);
      assert.match(await tab.text(".json"), /شركة الأفق/);
      const page = await tab.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
      assert.deepEqual(page, language === "ar" ? ["ar", "rtl"] : ["en", "ltr"]);
      assert.equal(await tab.evaluate(() => location.hash), "");
    });

    flow("a delivery is verified as it is typed", async (tab) => {
      await tab.click("#clear");
      assert.equal(await tab.tone(), "wait");
      const header = sign();
      await tab.fill("#header", header);
      await tab.fill("#body", body);
      assert.equal(await tab.word(), words.secret);
      await tab.fill("#secret-0", OTHER);
      assert.equal(await tab.word(), words.bad);
      await tab.click("#add-secret");
      await tab.fill("#secret-1", SECRET);
      assert.equal(await tab.word(), words.good);
      assert.match(await tab.text("#verdict .more"), /2/);
      await tab.fill("#header", header.replace(/v1=./, "v1=0").concat(header.slice(header.indexOf(","))));
      assert.equal(await tab.word(), words.good);
      assert.equal(await tab.evaluate(() => document.querySelectorAll(".part.match").length), 1);
      assert.deepEqual(
        [await tab.value("#body"), await tab.value("#secret-1")],
        [body, SECRET],
        "inputs are unchanged",
      );
    });

    flow("an old delivery is good by its own clock", async (tab) => {
      await give(tab, sign(1_700_000_000), body);
      assert.equal(await tab.word(), words.stale);
      assert.match(await tab.text("#verdict .more"), /v1/);
      await tab.click('[name="clock"][value="signed"]');
      assert.equal(await tab.word(), words.good);
      await tab.click('[name="clock"][value="chosen"]');
      await tab.fill(".seconds", "1700000301");
      assert.equal(await tab.word(), words.stale);
    });

    flow("whatever one has at hand is read", async (tab) => {
      await give(tab, "", "");
      const header = sign();
      const quoted = body.replace(/'/g, "'\\''");
      const request = { headers: [{ name: "Dealix-Signature", value: header }], postData: { text: body } };
      for (const [what, pasted, isBodyInIt] of [
        ["a block", `Host: x\r\nDealix-Signature: ${header}\r\nContent-Type: application/json`, false],
        ["curl -v", `> POST /webhooks HTTP/1.1\n> dealix-signature: ${header}\n>`, false],
        ["a request", `POST /webhooks HTTP/1.1\r\ndealix-signature: ${header}\r\n\r\n${body}`, true],
        ["curl", `curl 'https://x.example/' \\\n  -H 'dealix-signature: ${header}' --data-raw '${quoted}'`, true],
        ["HAR", JSON.stringify({ log: { entries: [{ request: { headers: [] } }, { request }] } }), true],
        ["a HAR entry", JSON.stringify({ request }), true],
      ]) {
        await tab.fill("#header", pasted);
        await tab.fill("#body", isBodyInIt ? "" : body);
        assert.equal(await tab.word(), words.good, what);
      }
      const report = { verdict: "signature_mismatch", cause: "newline", certain: true, message: "m", advice: "a" };
      await tab.fill("#header", JSON.stringify(report));
      await tab.click("#explain");
      await tab.shows("#cause");
      assert.equal(await tab.text("#cause"), "newline");
    });

    flow("a file and base64 keep their bytes", async (tab) => {
      const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x0d, 0x0a, 0xff, 0x00, 0x7d]);
      await give(tab, signPayload({ secret: SECRET, body: bytes, timestamp: now() }), "");
      await tab.click('[name="body-kind"][value="base64"]');
      await tab.fill("#body", bytes.toString("base64"));
      assert.equal(await tab.word(), words.good);
      await tab.click('[name="body-kind"][value="file"]');
      await tab.giveFile("#body", bytes);
      await tab.until((good) => document.querySelector("#verdict .word").textContent === good, words.good);
      assert.match(await tab.text(".facts"), /ef bb bf 7b 0d 0a ff 00 7d/);
    });

    flow("a failure is explained and undone", async (tab) => {
      await give(tab, sign(), JSON.stringify(JSON.parse(body)));
      await tab.click("#explain");
      await tab.shows("#undo");
      assert.equal(await tab.text("#cause"), "body_parsed");
      assert.match(await tab.text(".difference ins"), /\.0/);
      await tab.click("#undo");
      assert.deepEqual([await tab.tone(), await tab.word()], ["good", words.good]);
      await tab.click("#to-verify");
      assert.deepEqual([await tab.tone(), await tab.value("#body")], ["bad", JSON.stringify(JSON.parse(body))]);
    });

    flow("a link holds the delivery, and no secret", async (tab) => {
      const header = sign();
      await give(tab, header, body);
      await tab.until(() => location.hash.includes("body="));
      const hash = await tab.evaluate(() => location.hash);
      await tab.click("#clear");
      // The address is written a moment later; until then the same hash would be no change.
      await tab.until((hash) => location.hash !== hash, hash);
      await tab.evaluate((hash) => void (location.hash = hash), hash);
      await tab.until((header) => document.querySelector("#header").value === header, header);
      assert.deepEqual([await tab.value("#body"), await tab.value("#secret-0")], [body, ""]);
      assert.equal(await tab.word(), words.secret);
    });

    flow(
      "a secret in the body is warned about",
      async (tab) => {
        await give(tab, sign(), OTHER);
        assert.ok(await tab.text(".warning"));
        await tab.fill("#body", `{"a":"${SECRET}"}`);
        assert.ok(await tab.text(".warning"));
      },
      ["text"],
    );

    flow("an event is signed as it is typed", async (tab) => {
      await tab.click("#mode-sign");
      assert.equal(await tab.text("#signed-header"), null);
      await tab.fill("#signing-secret", SECRET);
      await tab.fill("#second-secret", OTHER);
      await tab.choose("#type", "lead.created");
      await tab.fill("#data", '{"n": 12345678901234567890, "a": "é", "a": 1.0}');
      const [signatureHeader, signed] = [await tab.text("#signed-header"), await tab.text("#canonical")];
      assert.match(signed, /"data":\{"a":1.0,"n":12345678901234567890\}.*"type":"lead.created"/);
      assert.match(await tab.text("#data-problems"), /"?a"?.*12345678901234567890/);
      for (const secret of [SECRET, OTHER]) {
        assert.ok(verifySignature({ secret, signatureHeader, body: signed }).valid);
      }
      await tab.fill("#data", '{\n  "a": tru\n}');
      assert.match(await tab.text("#data-problems"), /2.*8/);
      assert.equal(await tab.text("#signed-header"), null);
    });
  }
}

async function give(tab, header, text) {
  await tab.click("#clear");
  await tab.fill("#header", header);
  await tab.fill("#body", text);
  await tab.fill("#secret-0", SECRET);
}
