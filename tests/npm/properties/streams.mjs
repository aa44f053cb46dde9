import assert from "node:assert/strict";
import { assertSound, chunked, eventText, SECRETS, sign, streaming, THEIRS } from "./deliveries.mjs";

const CHUNKS = 4;
const transfer = ({ buffer }) => structuredClone(buffer, { transfer: [buffer] });

/** What can happen to a body at one of its chunks, and what the receiver then says. */
const ACCIDENTS = {
  "an error": [
    () => {
      throw new TypeError("reset");
    },
    "ECONNRESET",
  ],
  "an abort": [(_, stream) => stream.error(new DOMException("aborted", "AbortError")), "ECONNRESET"],
  "an early end": [(_, stream) => stream.close(), "signature_mismatch"],
  "text in place of bytes": [() => "text", "body_parsed"],
  "nothing in place of bytes": [() => null, "body_parsed"],
  "a chunk that was transferred": [(chunk) => (transfer(chunk), chunk), "body_detached"],
  "a chunk that has shrunk": [(chunk) => resized(chunk, chunk.length - 1), "signature_mismatch"],
  "a chunk that has grown": [(chunk) => resized(chunk, chunk.length + 1), "signature_mismatch"],
  "a chunk that was overwritten": [(chunk) => chunk.fill(0), "signature_mismatch"],
};

export function streams({ Webhook }) {
  return {
    "two streams never mix, in any order of their chunks": async () => {
      const receivers = [new Webhook(SECRETS[0]), new Webhook(THEIRS)];
      const bodies = [eventText("evt_mine"), eventText("evt_ours")];
      const genuine = [sign(SECRETS[0], bodies[0]), sign(THEIRS, bodies[1])];
      // Right for the other body, or under the other secret.
      const forged = [sign(SECRETS[0], bodies[1]), sign(SECRETS[0], bodies[1])];
      for (const order of interleavings(CHUNKS, CHUNKS)) {
        for (const [headers, expected] of [
          [genuine, ["evt_mine", "evt_ours"]],
          [
            [genuine[0], forged[1]],
            ["evt_mine", "signature_mismatch"],
          ],
          [
            [forged[0], genuine[1]],
            ["signature_mismatch", "evt_ours"],
          ],
        ]) {
          assert.deepEqual(await arrive(receivers, bodies, headers, order), expected, order.join(""));
        }
      }
    },

    "a body that goes wrong at any chunk helps no forgery": async () => {
      const webhook = new Webhook(SECRETS);
      const body = eventText("evt_1");
      for (const [what, [happen, code]] of Object.entries(ACCIDENTS)) {
        for (let at = 0; at < CHUNKS; at += 1) {
          const chunks = chunked(body, CHUNKS).map((chunk, n) => (n === at ? (s) => happen(chunk, s) : () => chunk));
          const reading = webhook.verifyRequest(streaming(sign(SECRETS[0], body), chunks));
          await assert.rejects(reading, { code }, `${what} at chunk ${at}`);
          assertSound(webhook, `${what} at chunk ${at}`);
        }
      }
    },

    "headers that change the body help no forgery": () => {
      const webhook = new Webhook(SECRETS);
      const text = eventText("evt_1");
      for (const [what, change] of Object.entries({
        detach: (bytes) => void transfer(bytes),
        shrink: ({ buffer }) => buffer.resize(buffer.byteLength - 1),
        grow: ({ buffer }) => buffer.resize(buffer.byteLength + 1),
        change: (bytes) => void bytes.fill(32, 7, 8),
      })) {
        for (const isGenuine of [true, false]) {
          const bytes = resized(Buffer.from(text), text.length);
          const header = sign(isGenuine ? SECRETS[0] : THEIRS, text);
          const event = eventOf(() => webhook.check(bytes, { get: () => (change(bytes), header) }));
          // What was there when the call began may pass, and nothing else.
          assert.ok(event === null || (isGenuine && event.id === "evt_1"), what);
          assertSound(webhook, what);
        }
      }
    },
  };
}

function eventOf(check) {
  try {
    return check().event;
  } catch {
    return null;
  }
}

/** The bytes in a buffer that can grow, which is made as long as that. */
function resized(bytes, length) {
  const buffer = new ArrayBuffer(bytes.length, { maxByteLength: bytes.length + 8 });
  const view = new Uint8Array(buffer);
  view.set(bytes);
  buffer.resize(length);
  return view;
}

/** Has each receiver read its body, a chunk at a time, in that order. Returns what each said. */
async function arrive(receivers, bodies, headers, order) {
  const turns = order.map(() => {
    const turn = {};
    turn.taken = new Promise((resolve) => (turn.take = resolve));
    return turn;
  });
  const results = receivers.map((receiver, who) => {
    const own = turns.filter((_, n) => order[n] === who);
    const chunks = chunked(bodies[who], CHUNKS).map((chunk, n) => () => own[n].taken.then(() => chunk));
    return receiver.verifyRequest(streaming(headers[who], chunks)).then(
      ({ id }) => id,
      ({ code }) => code,
    );
  });
  for (const { take } of turns) {
    take();
    await new Promise(setImmediate);
  }
  return Promise.all(results);
}

/** Every order in which two readers can take that many steps each: lists of 0 and 1. */
function* interleavings(first, second) {
  if (first + second === 0) yield [];
  if (first > 0) for (const rest of interleavings(first - 1, second)) yield [0, ...rest];
  if (second > 0) for (const rest of interleavings(first, second - 1)) yield [1, ...rest];
}
