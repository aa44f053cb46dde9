import assert from "node:assert/strict";
import { assertSound, dropKeys, eventText, SECRETS, sign, THEIRS } from "./deliveries.mjs";
import { actingAt } from "./hooks.mjs";

/** In several pieces, if wasm hashes. */
const LONG = 200_000;

export function reentry(webhooks) {
  const [webhook, theirs] = [SECRETS, THEIRS].map((secret) => new webhooks.Webhook(secret));
  const inner = eventText("evt_2");
  const acts = {
    "a forgery": () => assert.equal(webhook.check(inner, sign(THEIRS, inner)).valid, false),
    "a genuine delivery": () => assert.equal(webhook.check(inner, sign(SECRETS[0], inner)).secretIndex, 0),
    "another receiver's delivery": () => assert.equal(theirs.check(inner, sign(THEIRS, inner)).secretIndex, 0),
    "a signing": () => theirs.sign(inner),
    "dropped keys": () => dropKeys(webhooks),
  };

  /** Acts in the middle of verifying a body, at each point where the package calls something, one after the other. */
  function interrupt(body, header, secretIndex, [what, act]) {
    for (let call = 0, acted = true; acted; call += 1) {
      const outcome = actingAt(call, act, () => webhook.check(body, header));
      assert.equal(outcome.result.secretIndex, secretIndex, `${what} at call ${call}`);
      assertSound(webhook, `${what} at call ${call}`);
      for (const secret of [...SECRETS, THEIRS])
        assert.equal(theirs.check(inner, sign(secret, inner)).valid, secret === THEIRS, `${what} at call ${call}`);
      acted = outcome.acted;
      assert.ok(acted || call > 1, "it was interrupted nowhere");
    }
  }

  const interruptAll = (length) => () => {
    const text = eventText("evt_1", length);
    for (const act of Object.entries(acts)) {
      for (const body of [text, Buffer.from(text)]) {
        interrupt(body, sign(SECRETS[1], text), 1, act);
        interrupt(body, sign(THEIRS, text), null, act);
      }
    }
  };

  /** A verification within another is made in a fresh instance, whose keys are numbered from 1 again. */
  function numberKeysAlike() {
    const forged = sign(THEIRS, inner);
    // The first call asks for the time, and the second writes the header into the instance.
    const within = (act) => actingAt(1, act, () => webhook.check(inner, forged));
    within(() => webhook.check(inner, ""));
    const receivers = Array.from({ length: 60 }, () => new webhooks.Webhook(THEIRS));
    const act = () => {
      for (const receiver of receivers) {
        for (let key = 0; key < 50; key += 1) new webhooks.Webhook(SECRETS[0]);
        assert.equal(receiver.check(inner, sign(SECRETS[0], inner)).valid, false);
      }
    };
    const { result, acted } = within(act);
    assert.deepEqual([result.valid, acted], [false, true]);
  }

  return {
    "a key is never taken for the key with its number elsewhere": numberKeysAlike,
    "verifying within a verification disturbs neither": interruptAll(0),
    "verifying within a long verification disturbs neither": interruptAll(LONG),
  };
}
