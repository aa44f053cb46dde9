// Calls that are cut off by termination, which no catch and no finally sees: `vm` does it with a timeout, as hosts of
// plug-ins do.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import vm from "node:vm";
import { Webhook } from "@dealix/webhooks";
import { diagnose, makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";

const SECRETS = ["whsec_mine-1", "whsec_mine-2"];
/** As many keys as the wasm module keeps. */
const SLOTS = 256;

/** Runs something for `ms` milliseconds, then ends it wherever it is. */
function cutOff(run, ms = 1) {
  assert.throws(() => vm.runInNewContext("run()", { run }, { timeout: ms }), { code: "ERR_SCRIPT_EXECUTION_TIMEOUT" });
}

/** Drops the keys of all verifiers that are there. */
function dropKeys() {
  for (let n = 0; n < SLOTS; n += 1) new Webhook(`whsec_filler-${n}`);
}

/** Not by the package, which is being cut off. */
function sign(secret, body) {
  const t = Math.floor(Date.now() / 1000);
  return `t=${t},v1=${createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
}

for (const [hashedBy, length] of [
  ["wasm", 10],
  ["the host", 1000],
]) {
  const body = serializeEnvelope(makeEvent({ type: "deal.won", data: { pad: "x".repeat(length) } }));

  test(`400 terminated verifications, hashed by ${hashedBy}: none poisons`, { timeout: 120_000 }, () => {
    const webhook = new Webhook(SECRETS);
    const spin = () => {
      for (;;) {
        dropKeys();
        webhook.check(body, sign(SECRETS[1], body));
      }
    };
    for (let round = 0; round < 400; round += 1) {
      cutOff(spin);
      new Webhook(["whsec_theirs-1", "whsec_theirs-2"]);
      for (const secret of ["whsec_theirs-1", "whsec_theirs-2", "whsec_filler-0", "whsec_filler-1"]) {
        assert.equal(webhook.check(body, sign(secret, body)).valid, false, `round ${round}: ${secret}`);
      }
      assert.equal(webhook.check(body, sign(SECRETS[1], body)).secretIndex, 1, `round ${round}`);
    }
  });
}

test("a half-loaded list of keys accepts no other verifier's secret", (context) => {
  const body = serializeEnvelope(makeEvent({ type: "deal.won" }));
  const webhook = new Webhook(SECRETS);
  dropKeys();
  // The second secret is on its way into the module when the thread is stopped.
  const { set } = Uint8Array.prototype;
  let copies = 0;
  context.mock.method(Uint8Array.prototype, "set", function (...words) {
    const isSecond = Buffer.from(words[0]).toString() === SECRETS[1];
    if (isSecond && (copies += 1) === 1) for (;;);
    return set.apply(this, words);
  });
  cutOff(() => webhook.check(body, sign(SECRETS[0], body)), 50);
  assert.equal(copies, 1);
  new Webhook(["whsec_theirs-1", "whsec_theirs-2"]);
  for (const secret of ["whsec_theirs-1", "whsec_theirs-2"])
    assert.equal(webhook.check(body, sign(secret, body)).valid, false, secret);
  assert.deepEqual(
    SECRETS.map((secret) => webhook.check(body, sign(secret, body)).secretIndex),
    [0, 1],
  );
});

test("two hundred terminations of the testing module: none is poisoned", { timeout: 120_000 }, () => {
  const body = serializeEnvelope(
    makeEvent({ type: "deal.won", data: { amounts: Array.from({ length: 50 }, (_, n) => n + 0.5) } }),
  );
  const header = sign(SECRETS[0], body);
  for (let round = 0; round < 200; round += 1) {
    cutOff(() => {
      for (;;) diagnose({ secret: SECRETS[1], headers: header, body: serializeEnvelope(body) });
    });
    assert.equal(serializeEnvelope(body), body);
    assert.equal(
      diagnose({ secret: SECRETS[1], otherSecrets: SECRETS, headers: header, body }).cause,
      "other_secret",
      `round ${round}`,
    );
  }
});
