// The most common bug: a receiver parses the body, writes it again, and verifies that. The test event must find it out,
// however it is written again, and `diagnose` must name it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import express from "express";
import { EVENT_TYPES, verifySignature, Webhook } from "@dealix/webhooks";
import { diagnose, makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";
import { answer, listen, run, SECRET } from "./support/command.mjs";

const execute = promisify(execFile);

/** How a body is written again in JavaScript. */
const sorted = (_key, value) =>
  Object.prototype.toString.call(value) === "[object Object]"
    ? Object.fromEntries(Object.entries(value).sort())
    : value;
const ascii = (json) =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const IN_JAVASCRIPT = {
  "JSON.stringify": (body) => JSON.stringify(JSON.parse(body)),
  "JSON.stringify, indented": (body) => JSON.stringify(JSON.parse(body), null, 2),
  "JSON.stringify, sorted": (body) => JSON.stringify(JSON.parse(body), sorted),
  "JSON.stringify, escaped": (body) => ascii(JSON.stringify(JSON.parse(body))),
  "JSON.stringify, sorted and escaped": (body) => ascii(JSON.stringify(JSON.parse(body), sorted)),
  "the canonical form": (body) => serializeEnvelope(body),
};

const PYTHON = `
import itertools, json, sys
body = json.loads(sys.argv[1])
choices = itertools.product([None, (",", ":")], [True, False], [True, False], [None, 2])
print(json.dumps([json.dumps(body, separators=s, ensure_ascii=a, sort_keys=k, indent=i) for s, a, k, i in choices]))`;

async function writtenAgain(body) {
  const { stdout } = await execute("python3", ["-c", PYTHON, body]);
  const inPython = JSON.parse(stdout);
  assert.equal(inPython.length, 16);
  return [
    ...Object.entries(IN_JAVASCRIPT).map(([how, write]) => [how, write(body)]),
    ...inPython.map((text) => ["Python's json.dumps", text]),
  ];
}

/** Fails unless every way of writing the body again is refused, and diagnosed for certain. */
async function assertExposes({ headers, body }, what = "") {
  assert.ok(verifySignature({ secret: SECRET, signatureHeader: headers, body }).valid);
  assert.match(body, /[\u0600-\u06ff]/, `${what}: an Arabic string`);
  assert.match(body, /\p{Emoji_Presentation}/u, `${what}: an emoji`);
  assert.match(body, /\d\.0\b/, `${what}: a number with .0`);
  for (const [how, text] of await writtenAgain(body)) {
    assert.deepEqual(JSON.parse(text), JSON.parse(body), how);
    const { error } = verifySignature({ secret: SECRET, signatureHeader: headers, body: text });
    assert.equal(error, "signature_mismatch", `${what}, ${how}`);
    const { cause, certain } = diagnose({ secret: SECRET, headers, body: text });
    assert.equal(`${cause} ${certain}`, "body_parsed true", `${what}, ${how}`);
  }
}

async function delivered(event) {
  const request = signedRequest({ secret: SECRET, event });
  return { headers: Object.fromEntries(request.headers), body: await request.text() };
}

const event = makeEvent({ type: "deal.won" });
const DEFAULTS = {
  "signedRequest with makeEvent": () => delivered(event),
  "signedRequest with a changed copy": () => delivered(structuredClone({ ...event, id: "evt_2" })),
  send: async (t) => {
    const { url } = await listen(t);
    const { code, stdout } = await run(["send", "--to", url, "--type", "deal.won", "--json"]);
    assert.equal(code, 0, stdout);
    return JSON.parse(stdout).request;
  },
};

for (const [what, delivery] of Object.entries(DEFAULTS)) {
  test(`rewriting: what ${what} sends by default never survives it`, async (t) => {
    const { headers, body } = await delivery(t);
    await assertExposes({ headers, body }, what);
    const { cause, certain } = diagnose({ secret: SECRET, headers, body: JSON.parse(body) });
    assert.equal(`${cause} ${certain}`, "body_parsed true", "a parsed object");
    assert.equal(diagnose({ secret: "whsec_of_another", headers, body }).cause, "unknown_secret");
  });
}

test("rewriting: no type's sample survives it", { timeout: 60_000 }, async () => {
  for (const type of [...EVENT_TYPES, "deal.paused"]) await assertExposes(await delivered(makeEvent({ type })), type);
});

test("rewriting: express.json() refuses the default event of `send` and of `signedRequest`", async (t) => {
  const webhook = new Webhook(SECRET);
  const app = express().use(express.json());
  app.post("/hook", (request, response) => {
    response.status(webhook.check(JSON.stringify(request.body), request.headers).valid ? 204 : 400).end();
  });
  const { url } = await answer(t, app);
  const { code, stdout } = await run(["send", "--to", url, "--type", "deal.won"]);
  assert.equal(code, 1);
  assert.match(stdout, /answered 400/);
  assert.equal((await fetch(signedRequest({ secret: SECRET, event, url }))).status, 400);
});

test("rewriting: makeEvent's event arrives, its canonical form intact", () => {
  const body = serializeEnvelope(event);
  assert.match(body, /^[\x20-\x7e]+$/);
  assert.match(body, /"amount":12500\.0[,}]/);
  assert.deepEqual(JSON.parse(body), event);
});
