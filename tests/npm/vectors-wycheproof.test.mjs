// Wycheproof's HMAC-SHA256 cases on the packed package. The module inside takes keys of any bytes, and runs them all. The
// package's own calls take text as secrets and sign `<t>.<body>`. Through them, the messages under the 108 keys that are UTF-8
// are compared with node:crypto, which passes the cases too; no secret gives the 66 keys that are not.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { signPayload, verifySignature } from "@dealix/webhooks";
import { loadReceiver } from "./vectors/receiver.mjs";

const SIGNATURE_MISMATCH = -5;
const MAC_BITS = 256;
const file = JSON.parse(readFileSync(join(import.meta.dirname, "../vectors/wycheproof/hmac_sha256_test.json"), "utf8"));
const cases = file.testGroups.flatMap(({ tests, tagSize }) =>
  tests.map(({ tcId, key, msg, tag, result }) => ({
    what: `case ${tcId}`,
    key: Buffer.from(key, "hex"),
    message: Buffer.from(msg, "hex"),
    tag,
    isWhole: tagSize === MAC_BITS,
    isValid: result === "valid",
  })),
);

function hmac(key, ...message) {
  const mac = createHmac("sha256", key);
  for (const part of message) mac.update(part);
  return mac.digest("hex");
}

test("wycheproof: the packed module computes each MAC, from any key", async () => {
  const receiver = await loadReceiver();
  for (const { what, key, message, tag, isValid } of cases) {
    const mac = receiver.mac(key, message);
    assert.equal(mac.startsWith(tag), isValid, what);
    assert.equal(mac, hmac(key, message), what);
  }
  assert.equal(cases.length, file.numberOfTests);
});

test("wycheproof: the packed module accepts whole, unmodified tags alone", async () => {
  const receiver = await loadReceiver();
  let accepted = 0;
  for (const { what, key, message, tag, isWhole, isValid } of cases) {
    const verdict = receiver.verify(key, message, tag);
    assert.equal(verdict, isWhole && isValid ? 0 : SIGNATURE_MISMATCH, what);
    accepted += verdict === 0;
  }
  assert.equal(accepted, 33);
});

test("wycheproof: messages under secrets, through the package's own calls", () => {
  const now = 1_700_000_000;
  const texts = cases.filter(({ key }) => Buffer.from(key.toString()).equals(key));
  for (const { what, key, message: body } of texts) {
    // All of these keys are control characters, which are refused as a secret. A letter before them makes them one.
    assert.throws(() => signPayload({ secret: key.toString(), body }), { code: "invalid_secret" }, what);
    const secret = `k${key}`;
    const signatureHeader = `t=${now},v1=${hmac(secret, `${now}.`, body)}`;
    assert.equal(signPayload({ secret, body, timestamp: now }), signatureHeader, what);
    assert.ok(verifySignature({ secret, signatureHeader, body, now }).valid, what);
  }
  assert.deepEqual([texts.length, cases.length - texts.length], [108, 66], "keys that are UTF-8, and others");
});
