// A receiver, genuine deliveries to it and forged ones, signed by node:crypto and not by the package.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

export const SECRETS = ["whsec_mine-1k", "whsec_mine-2k"];
export const THEIRS = "whsec_theirs";
/** As many keys as the wasm module keeps. */
const SLOTS = 256;

/** An event's text, longer by `length`. */
export function eventText(id, length = 0) {
  const pad = "x".repeat(length);
  return JSON.stringify({ id, type: "deal.won", customer_id: "c", timestamp: 1, api_version: "v1", data: { pad } });
}

export function sign(secret, body, time = Math.floor(Date.now() / 1000)) {
  return `t=${time},v1=${createHmac("sha256", secret).update(`${time}.`).update(body).digest("hex")}`;
}

/** Drops the keys of all receivers. */
export function dropKeys({ Webhook }) {
  for (let n = 0; n < SLOTS; n += 1) new Webhook(`whsec_filler-${n}`);
}

const body = eventText("evt_sound");
const time = Math.floor(Date.now() / 1000);
const FORGERIES = [THEIRS, "whsec_filler-0", "whsec_filler-1", SECRETS[1].slice(1)].map((one) => sign(one, body, time));
const GENUINE = SECRETS.map((secret) => sign(secret, body, time));

/** Fails unless a receiver of `SECRETS` refuses what is forged, and then accepts what is genuine. */
export function assertSound(webhook, after) {
  for (const header of FORGERIES)
    assert.equal(webhook.check(body, header).error?.code, "signature_mismatch", `a forgery after: ${after}`);
  for (const [index, header] of GENUINE.entries())
    assert.equal(webhook.check(body, header).secretIndex, index, `a genuine delivery after: ${after}`);
}

/** A request whose body is what the functions return in turn, each called when its chunk is read. */
export function streaming(header, chunks) {
  const left = chunks.values();
  const pull = async (stream) => {
    const { value, done } = left.next();
    if (done) stream.close();
    else stream.enqueue(await value(stream));
  };
  const body = new ReadableStream({ pull }, { highWaterMark: 0 });
  const headers = { get: (name) => (name === "dealix-signature" ? header : null) };
  return { method: "POST", headers, body };
}

/** A body's bytes in that many chunks, each with a buffer of its own. */
export function chunked(body, count) {
  const bytes = Buffer.from(body);
  const length = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, n) => Uint8Array.from(bytes.subarray(n * length, (n + 1) * length)));
}
