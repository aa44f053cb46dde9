// Each mistake made for real on the signing page, up to its cure.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { signPayload } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { address } from "./built.mjs";
import { assertSecretsStay, assertSilent } from "./leaks.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 120_000 };
const SECRET = "whsec_Zm9yIHRoZSB0ZXN0cw";
const OTHER = "whsec_b2Ygbm8gaW1wb3J0";
const canonical = serializeEnvelope(makeEvent({ type: "deal.won" }));
const lines = JSON.stringify(JSON.parse(canonical), null, 2);
const raw = JSON.stringify({ name: "شركة الأفق", city: "Besançon" });
const now = () => Math.floor(Date.now() / 1000);
const signed = (body, timestamp = now()) => signPayload({ secret: SECRET, body, timestamp });
const base64 = (text) => Buffer.from(text).toString("base64");
const bareMac = createHmac("sha256", SECRET).update(canonical).digest("hex");

/**
 * The mistakes that can be undone, and those after which what was signed is lost. Signed for each flow: all of the tests
 * may take longer than a signature is good for.
 */
function mistakes() {
  const header = signed(canonical);
  const hex = header.slice(header.indexOf("v1=") + 3);
  const undoable = {
    body_parsed: { body: JSON.stringify(JSON.parse(canonical)) },
    byte_order_mark: { bytes: Buffer.from(`\ufeff${canonical}`) },
    newline: { body: `${canonical}\n` },
    line_endings: { header: signed(lines), bytes: Buffer.from(lines.replaceAll("\n", "\r\n")) },
    charset: { header: signed(raw), body: Buffer.from(raw).toString("latin1") },
    base64_body: { body: base64(canonical) },
    compressed_body: { bytes: gzipSync(canonical) },
    secret_wrapped: { secret: `"${SECRET}"` },
    secret_encoded: { secret: base64(SECRET) },
    clock_skew: { header: signed(canonical, now() - 4000) },
    header_rewritten: { header: header.replace(",", ";") },
    upper_case_hex: { header: header.replace(hex, hex.toUpperCase()) },
    base64_signature: { header: header.replace(hex, Buffer.from(hex, "hex").toString("base64")) },
  };
  const lost = {
    body_rewritten: { body: lines.replace("SAR", "EUR") },
    body_truncated: { body: canonical.slice(0, -20) },
    empty_body: { body: "" },
    unknown_secret: { secret: OTHER },
    milliseconds: { header: signed(canonical, now() * 1000) },
    other_provider: { header: `Stripe-Signature: ${header}` },
    missing_header: { header: "Content-Type: application/json" },
    timestamp_not_signed: { header: header.replace(hex, bareMac) },
    unknown: { body: "no JSON" },
  };
  return { undoable, lost };
}

/** Without a secret of another endpoint to compare, the page learns of these only from what `explain` printed elsewhere. */
const REPORTED = { other_secret: "staging" };
const NO_MISTAKE = ["none"];

test("signing page: the tests make every cause of diagnose", () => {
  const require = createRequire(import.meta.url);
  const types = join(dirname(require.resolve("@dealix/webhooks/package.json")), "dist/generated/constants.d.cts");
  const [, union] = /type Cause =([^;]+);/.exec(readFileSync(types, "utf8"));
  const causes = [...union.matchAll(/"(\w+)"/g)].map(([, cause]) => cause);
  assert.ok(causes.length > 20);
  const { undoable, lost } = mistakes();
  const made = [undoable, lost, REPORTED].flatMap((group) => Object.keys(group));
  assert.deepEqual([...made, ...NO_MISTAKE].sort(), causes.sort());
});

for (const [name, browser] of Object.entries(browsers)) {
  for (const language of ["en", "ar"]) {
    const flow = (what, run) =>
      test(`signing page, ${name}, ${language}: ${what}`, LIMIT, async () => {
        const tab = await browser.open(address, { language });
        await tab.shows("#verdict");
        await run(tab);
        await assertSilent(tab);
        await assertSecretsStay(tab, [SECRET, OTHER]);
        await tab.close();
      });

    flow("each mistake is found and undone", async (tab) => {
      const good = await tab.word();
      for (const [cause, mistake] of Object.entries(mistakes().undoable)) {
        await make(tab, mistake);
        assert.equal(await tab.text("#cause"), cause);
        await tab.click("#undo");
        assert.deepEqual([await tab.tone(), await tab.word()], ["good", good], cause);
      }
    });

    flow("a mistake that loses bytes has its cure", async (tab) => {
      const { lost } = mistakes();
      const sentences = new Set();
      for (const [cause, mistake] of Object.entries(lost)) {
        await make(tab, mistake);
        assert.equal(await tab.text("#cause"), cause);
        assert.equal(await tab.text("#undo"), null, cause);
        sentences.add(await tab.word());
      }
      assert.equal(sentences.size, Object.keys(lost).length);
    });

    flow("a cause found elsewhere has its cure", async (tab) => {
      for (const cause of Object.keys(REPORTED)) {
        await tab.click("#mode-verify");
        await tab.fill(
          "#header",
          JSON.stringify({ verdict: "signature_mismatch", cause, certain: true, message: "m", advice: "a" }),
        );
        await tab.shows("#explain");
        await tab.click("#explain");
        await tab.shows("#cause");
        assert.equal(await tab.text("#cause"), cause);
        assert.match(await tab.word(), language === "ar" ? /مفتاح سري آخر/ : /another of your secrets/);
        assert.equal(await tab.text("#undo"), null);
      }
    });

    flow("a pasted report is shown with all its causes", async (tab) => {
      const report = { verdict: "x", certain: true, message: "m", advice: "a" };
      for (const [cause, also, tone, heads] of [
        ["newline", ["secret_wrapped"], "bad", 2],
        ["constructor", [], "bad", 1],
        ["none", [], "good", 1],
      ]) {
        await tab.click("#mode-verify");
        await tab.fill("#header", JSON.stringify({ ...report, cause, details: { also } }));
        await tab.shows("#explain");
        await tab.click("#explain");
        await tab.shows("#cause");
        assert.equal(await tab.text("#cause"), [cause, ...also].join(", "));
        assert.equal(await tab.tone(), tone, cause);
        assert.ok(await tab.word(), cause);
        assert.equal(await tab.evaluate(() => document.querySelectorAll(".facts h2").length), heads, cause);
        for (const text of await tab.evaluate(() =>
          [...document.querySelectorAll(".facts p")].map((p) => p.textContent),
        ))
          assert.ok(text, `${cause}: an empty cure`);
      }
    });

    flow("quotes around a secret show as places", async (tab) => {
      await make(tab, { secret: `'${SECRET}'` });
      assert.equal(await tab.evaluate(() => document.querySelectorAll(".dots del").length), 2);
      assert.match(await tab.text(".columns"), new RegExp(`1, ${SECRET.length + 2}`));
    });
  }
}

/** Makes a mistake in Verify, with the rest as it should be, and asks why. */
async function make(tab, { header = signed(canonical), body = canonical, bytes, secret = SECRET }) {
  await tab.click("#mode-verify");
  await tab.shows("#clear");
  await tab.click("#clear");
  await tab.fill("#header", header);
  await tab.fill("#secret-0", secret);
  if (bytes === undefined) await tab.fill("#body", body);
  else {
    await tab.click('[name="body-kind"][value="file"]');
    await tab.giveFile("#body", bytes);
    await tab.shows(".kept");
  }
  await tab.shows("#explain");
  await tab.click("#explain");
  await tab.shows("#cause");
}
