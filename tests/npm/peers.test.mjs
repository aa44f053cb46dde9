// Random secrets and bodies, signed by one of four peers and verified here, and the other way round: Stripe's SDKs for Node
// and Python, openssl, and Python's hmac. DEALIX_FUZZ_SEED repeats a run; a failure names the seed.
import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import Stripe from "stripe";
import { signPayload, verifySignature } from "@dealix/webhooks";
import { chance } from "./fuzz/random.mjs";
import { randomCases } from "./peers/cases.mjs";
import { run } from "./runtimes/process.mjs";

const LIMIT = { timeout: 120_000 };
const CASES = 400;
/** Each is a process of its own. */
const OPENSSL_CASES = 40;
const python = process.env.DEALIX_PYTHON;
assert.ok(python, "DEALIX_PYTHON must name a Python that has Stripe's SDK");
const seed = Number(process.env.DEALIX_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const cases = randomCases(chance(seed), CASES, Math.floor(Date.now() / 1000));
const { webhooks } = new Stripe("sk_test_none");

const what = ({ id }) => `case ${id} of DEALIX_FUZZ_SEED=${seed}`;
const macOf = (header) => header.split(",v1=")[1];

/** We accept the peer's signature, and refuse it for another body and under another secret. */
function assertRead({ secret, body, ...rest }, signatureHeader) {
  assert.equal(verifySignature({ secret, signatureHeader, body }).valid, true, what(rest));
  const others = { body: Buffer.concat([body, Buffer.from(" ")]), secret: `${secret}x` };
  for (const [part, other] of Object.entries(others)) {
    const { error } = verifySignature({ secret, signatureHeader, body, [part]: other });
    assert.equal(error, "signature_mismatch", what(rest));
  }
}

/** Runs a program of tests/npm/peers on all cases at once. */
async function inPython(program) {
  const input = cases.map(({ body, ...rest }) => ({ ...rest, body: body.toString("base64") }));
  return JSON.parse(await run(python, [join(import.meta.dirname, "peers", program)], { input: JSON.stringify(input) }));
}

for (const one of cases) one.header = signPayload({ secret: one.secret, body: one.body, timestamp: one.timestamp });

test("peers: Stripe's SDK for Node reads our signatures, and we its", LIMIT, () => {
  // It takes an empty payload for one that is missing.
  for (const one of cases.filter(({ isText, body }) => isText && body.length > 0)) {
    const { secret, timestamp, header } = one;
    const payload = one.body.toString();
    assert.equal(webhooks.signature.verifyHeader(payload, header, secret, 300), true, what(one));
    assert.throws(() => webhooks.signature.verifyHeader(`${payload} `, header, secret, 300), what(one));
    assertRead(one, webhooks.generateTestHeaderString({ payload, secret, timestamp }));
  }
});

test("peers: Stripe's SDK for Python reads our signatures, and we its", LIMIT, async () => {
  const results = await inPython("stripe_sdk.py");
  const texts = cases.filter(({ isText }) => isText);
  assert.equal(results.length, texts.length);
  for (const [index, one] of texts.entries()) {
    const { verified, refused, mac } = results[index];
    assert.deepEqual([verified, refused], [true, true], what(one));
    assertRead(one, `t=${one.timestamp},v1=${mac}`);
  }
});

test("peers: Python's hmac computes our signatures, and we read its", LIMIT, async () => {
  const macs = await inPython("hmac_module.py");
  assert.equal(macs.length, CASES);
  for (const [index, one] of cases.entries()) {
    assert.equal(macOf(one.header), macs[index], what(one));
    assertRead(one, `t=${one.timestamp},v1=${macs[index]}`);
  }
});

test("peers: openssl computes our signatures, and we read its", LIMIT, async () => {
  for (const one of cases.slice(0, OPENSSL_CASES)) {
    const input = Buffer.concat([Buffer.from(`${one.timestamp}.`), one.body]);
    const printed = await run("openssl", ["dgst", "-sha256", "-hmac", one.secret, "-r"], { input });
    const mac = printed.split(" ")[0];
    assert.equal(macOf(one.header), mac, what(one));
    assertRead(one, `t=${one.timestamp},v1=${mac}`);
  }
});
