// A call that the end of the stack cuts off, at every depth: the next one works, and accepts no more than before.
import { equal, ok } from "./assert.mjs";

const SECRETS = ["whsec_sweep-1", "whsec_sweep-2"];

export function interruption({ webhooks, testing, replay }) {
  const { Webhook, signPayload, verifySignature } = webhooks;
  const { diagnose, makeEvent, serializeEnvelope } = testing;
  const body = serializeEnvelope(makeEvent({ type: "deal.won", data: { pad: "x".repeat(1000) } }));
  const webhook = new Webhook(SECRETS);
  const genuine = signPayload({ secret: SECRETS[1], body });
  const forged = signPayload({ secret: "whsec_another", body });

  const soundReceiver = () => {
    equal(webhook.check(body, forged).valid, false, "a forgery");
    equal(webhook.check(body, genuine).secretIndex, 1);
  };
  const soundTesting = () => equal(serializeEnvelope(body), body);
  let made = 0;

  return {
    "verify, cut off by the stack": () => sweep(() => webhook.check(body, genuine), soundReceiver),
    "sign, cut off by the stack": () => sweep(() => webhook.sign(body), soundReceiver),
    "new Webhook, cut off by the stack": () =>
      sweep(() => new Webhook([`whsec_${(made += 1)}`, "whsec_last"]), soundReceiver),
    "keys that were dropped, cut off by the stack as they are loaded again": () =>
      sweep(
        () => webhook.check(body, genuine),
        soundReceiver,
        () => {
          for (let n = 0; n < 256; n += 1) new Webhook(`whsec_filler-${n}`);
        },
      ),
    "verifySignature, cut off by the stack": () =>
      sweep(
        () => verifySignature({ secret: SECRETS[1], signatureHeader: genuine, body }),
        () => equal(verifySignature({ secret: SECRETS[1], signatureHeader: forged, body }).valid, false),
      ),
    "serializeEnvelope, cut off by the stack": () => sweep(() => serializeEnvelope(body), soundTesting),
    "diagnose, cut off by the stack": () => {
      const delivery = { secret: SECRETS, headers: genuine, body };
      sweep(() => diagnose(delivery), soundTesting);
      equal(diagnose(delivery).cause, "none");
    },
    "a replay guard's memory, cut off by the stack, never repeats an event": () => {
      let store;
      // An engine may inline it, and then it takes no stack.
      sweepAll(
        () => store.finish("evt_1", "token", 300),
        // It may still be in progress under its lease, but nobody may claim it.
        () => ok(store.claim("evt_1", "another", 300) !== "claimed", "the event was forgotten"),
        () => {
          store = replay.memoryStore();
          store.claim("evt_1", "token", 300);
        },
      );
    },
  };
}

function sweep(run, sound, prepare = () => {}) {
  ok(sweepAll(run, sound, prepare) > 0, "nothing was cut off");
}

/** A frame takes about 20 words or fewer: with up to that many extra words, the stack ends in the middle of each. */
const WORDS = [0, 5, 10, 15];

/**
 * Runs something at the end of the stack, each time a frame further from it, until there is enough; sees each time that
 * all is sound afterwards. Answers how often it was cut off.
 */
function sweepAll(run, sound, prepare) {
  // Compiled code takes less stack, so that it ends within the wasm module and not before.
  prepare();
  for (let n = 0; n < 1000; n += 1) run();
  let cut = 0;
  nearTheEnd(() => {
    for (let frame = 0, enough = 0; enough < 2 * WORDS.length; frame += 1) {
      ok(frame < 5000, "the stack never was enough");
      for (const words of WORDS) {
        prepare();
        const attempt = { left: frame, ended: false };
        toTheEnd(attempt, () => behind(words, run));
        if (attempt.ended) enough += 1;
        else [cut, enough] = [cut + 1, 0];
        sound();
      }
    }
  });
  return cut;
}

/** Runs something where little of the stack is left: the way to its end is short from there. */
function nearTheEnd(run) {
  let deepest = 0;
  // The sum keeps it from being a tail call, which takes no stack in some engines.
  const descend = (depth, end) => {
    deepest = depth;
    return depth === end ? (run(), 0) : 1 + descend(depth + 1, end);
  };
  try {
    descend(0, Infinity);
  } catch {
    // This is the end.
  }
  const frames = deepest;
  for (const share of [0.9, 0.75, 0.5]) {
    try {
      return void descend(0, Math.floor(share * frames));
    } catch (error) {
      // A frame may have become larger than when it was measured, as an engine compiles it and thinks better of it.
      if (error.constructor === Error || share === 0.5) throw error;
    }
  }
}

/** Calls itself until the stack ends, then goes back `attempt.left` frames and runs the function under test. */
function toTheEnd(attempt, run) {
  try {
    toTheEnd(attempt, run);
  } catch {
    // This is the end.
  }
  if (attempt.left-- !== 0) return;
  try {
    run();
    attempt.ended = true;
  } catch {
    // It was cut off.
  }
}

/** Runs something with `words` extra words on the stack. */
function behind(words, run) {
  if (words > 0) behindAll(run, ...new Array(words).fill(0));
  else run();
}

function behindAll(run, ..._words) {
  run();
}
