// HAR files on the signing page: what a browser exports, with all that is not about the delivery.
import assert from "node:assert/strict";
import { signPayload } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { onPage } from "./on-page.mjs";
import { GIVE, longestPause, paste } from "./pasting.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 120_000 };
const SECRET = "whsec_Zm9yIHRoZSB0ZXN0cw";
const sign = (body) => signPayload({ secret: SECRET, body });

for (const [name, browser] of Object.entries(browsers)) {
  const page = onPage(name, browser, LIMIT, SECRET);

  page("a recording offers its signed requests", async (tab) => {
    const first = serializeEnvelope(makeEvent({ type: "deal.won" }));
    const second = '{"name":"شركة 🌅"}';
    const noise = entry({ url: "https://x.example/app.js", method: "GET", headers: { Cookie: "session=s3cr3t" } });
    const recording = [
      noise,
      entry({ method: "POST", url: "https://x.example/telemetry", body: "{}" }),
      entry({ headers: { "DEALIX-Signature": sign(first) }, body: first }),
      entry({
        headers: { "dealix-signature": sign(second) },
        body: btoa(utf8(second)),
        encoding: "base64",
        status: 500,
      }),
      entry({ headers: { "dealix-signature": sign("{}") } }),
      entry({ headers: { "dealix-signature": sign("{}") }, body: "\ud83d" }),
    ];
    await paste(tab, "#header", har(recording));
    const options = await tab.evaluate(() =>
      [...document.querySelectorAll("#entry option")].map((option) => option.text),
    );
    assert.equal(options.length, 4);
    assert.match(options[1], /2\. POST hooks\.example\/dealix · 08:30:00 · 500/);
    const words = [await tab.word()];
    for (const index of ["1", "2", "3"]) {
      await tab.choose("#entry", index);
      words.push(await tab.word());
    }
    assert.deepEqual(words, ["Verified", "Verified", "The body is missing", "Half a character in the body"]);
    await tab.choose("#entry", "1");
    await tab.until(() => location.hash.includes("dealix-signature"));
    const link = decodeURIComponent(await tab.evaluate(() => location.hash));
    assert.doesNotMatch(link, /s3cr3t|Authorization|b34r3r/);
    await again(tab);
    await paste(tab, "#header", har([noise, entry({ url: "https://x.example/a", body: "{}" }), entry({ body: "{}" })]));
    assert.equal(await tab.evaluate(() => document.querySelectorAll("#entry option").length), 2);
    assert.equal(await tab.word(), "Not a signature header");
  });

  page("a recording of 30 MB does not freeze it", async (tab) => {
    const body = serializeEnvelope(makeEvent({ type: "deal.won" }));
    const signed = JSON.stringify(entry({ headers: { "dealix-signature": sign(body) }, body }));
    const unit = `${JSON.stringify(entry({ method: "GET", answer: "x".repeat(100_000) }))},`;
    const way = { way: "chosen", selector: "#header-file", start: '{"log":{"entries":[', unit, times: 300 };
    await tab.evaluate(GIVE, { ...way, end: `${signed}]}}` });
    await tab.until(() => document.querySelector("#verdict .word").textContent === "Verified");
    const pause = await longestPause(tab);
    console.log(`signing page, ${name}: longest pause ${pause.toFixed(0)} ms with a HAR file of 30 MB`);
    assert.ok(pause < 2500, `${pause} ms`);
  });
}

function har(entries) {
  return JSON.stringify({ log: { version: "1.2", entries } });
}

function entry({
  method = "POST",
  url = "https://hooks.example/dealix?x=1",
  headers = {},
  body,
  encoding,
  status = 204,
  answer,
}) {
  const list = Object.entries({ Authorization: "Bearer b34r3r", ...headers });
  return {
    startedDateTime: "2025-11-28T08:30:00.123Z",
    request: {
      method,
      url,
      headers: list.map(([name, value]) => ({ name, value })),
      ...(body === undefined ? {} : { postData: { mimeType: "application/json", text: body, encoding } }),
    },
    response: { status, content: { text: answer } },
  };
}

function utf8(text) {
  return Buffer.from(text).toString("latin1");
}

/** Starts over, with the secret. */
async function again(tab) {
  await tab.click("#clear");
  await tab.fill("#secret-0", SECRET);
}
