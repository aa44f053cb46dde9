// Numbers that the Rust core and the TypeScript around it each write down: when one side changes, a check here fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DEFAULT_MAX_AGE_SECONDS, fetchHandler, signPayload, verifySignature, Webhook } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { manifest } from "./runtimes/process.mjs";

/** SLOTS in src/wasm/receiver/keys.rs, MAX_SECRETS in pkg-template/src/input/secrets.ts. */
const MAX_SECRETS = 256;
/** MAX_HEADER_BYTES in the core; the error's sentence says "8 KiB". */
const MAX_HEADER_BYTES = 8 * 1024;

const secret = "whsec_core-limits";
const body = serializeEnvelope(makeEvent({ type: "deal.won" }));
const now = 1_700_000_000;
const header = signPayload({ secret, body, timestamp: now });
const filler = (count) => Array.from({ length: count }, (_, index) => `whsec_filler-${index}`);
const verify = (signatureHeader, options) => verifySignature({ secret, signatureHeader, body, now, ...options });

test("core: each verdict's number stands for its code", () => {
  const cases = {
    malformed_header: "t",
    bad_timestamp: "t=x,v1=x",
    missing_v1: `t=${now},v2=x`,
    stale_signature: "t=1,v1=x",
    signature_mismatch: `t=${now},v1=x`,
  };
  for (const [code, signatureHeader] of Object.entries(cases)) assert.equal(verify(signatureHeader).error, code);
});

test("core: the default window is 300 s", () => {
  assert.equal(DEFAULT_MAX_AGE_SECONDS, 300);
  assert.equal(verify(header, { now: now + 300 }).valid, true);
  assert.equal(verify(header, { now: now + 301 }).error, "stale_signature");
});

test("core: a header may have 8 KiB, and the error says so", () => {
  const padded = (bytes) => `${header},`.padEnd(bytes, "x");
  assert.equal(verify(padded(MAX_HEADER_BYTES)).valid, true);
  assert.equal(verify(padded(MAX_HEADER_BYTES + 1)).error, "malformed_header");
  const message = (bytes) => new Webhook(secret).check(body, padded(bytes)).error.message;
  assert.match(message(MAX_HEADER_BYTES + 1), /is over 8 KiB/);
  assert.doesNotMatch(message(MAX_HEADER_BYTES), /is over 8 KiB/);
});

test("core: the module keeps as many keys as a verifier may have", () => {
  const most = [...filler(MAX_SECRETS - 1), secret];
  assert.equal(verify(header, { secret: most }).secretIndex, MAX_SECRETS - 1);
  assert.throws(() => verify(header, { secret: [...most, "whsec_one-more"] }), { code: "invalid_secret" });
});

test("core: a verifier outlives its keys in the module", () => {
  const old = new Webhook(secret);
  const fresh = () => signPayload({ secret, body });
  assert.equal(old.check(body, fresh()).valid, true);
  for (const one of filler(MAX_SECRETS)) new Webhook(one);
  assert.equal(old.check(body, fresh()).valid, true);
  assert.equal(old.sign(body, now), header);
});

test("core: node:crypto hashes long bodies", (t) => {
  const createHash = t.mock.method(process.getBuiltinModule("node:crypto"), "createHash");
  signPayload({ secret, body: "x".repeat(1_000_000) });
  assert.ok(createHash.mock.callCount() > 0);
});

test("core: text is decoded from memory that is fixed, and nobody else's", (t) => {
  const seen = [];
  const { decode } = TextDecoder.prototype;
  t.mock.method(TextDecoder.prototype, "decode", function (bytes) {
    seen.push(bytes.buffer instanceof ArrayBuffer && !bytes.buffer.resizable);
    return decode.call(this, bytes);
  });
  const bytes = Buffer.from(body);
  const resizable = new ArrayBuffer(bytes.length, { maxByteLength: 2 * bytes.length });
  for (const buffer of [new SharedArrayBuffer(bytes.length), resizable]) {
    new Uint8Array(buffer).set(bytes);
    for (const view of [buffer, new Uint8Array(buffer), new DataView(buffer)])
      assert.equal(new Webhook(secret).verify(view, signPayload({ secret, body })).type, "deal.won");
  }
  assert.deepEqual(seen, Array(6).fill(true));
});

test("core: a runtime may lack a process, a console and a Buffer", () => {
  const { process, console, Buffer } = globalThis;
  const table = { "deal.wonn"() {}, other() {} };
  try {
    Object.assign(globalThis, { process: undefined, console: undefined, Buffer: undefined });
    assert.throws(() => new Webhook(), { code: "empty_secret" });
    fetchHandler({ secret, onEvent: table });
    const view = new DataView(new TextEncoder().encode(body).buffer);
    assert.equal(verify(header, { body: view }).valid, true);
  } finally {
    Object.assign(globalThis, { process, console, Buffer });
  }
  const { env } = process;
  try {
    // As some hosts make it: no property is its own.
    process.env = new Proxy({}, { get: (_, name) => (name === "DEALIX_WEBHOOK_SECRET" ? secret : undefined) });
    assert.equal(new Webhook().sign(body, now), header);
  } finally {
    process.env = env;
  }
});

test("core: a good header alone is accepted, and is no verdict", () => {
  const webhook = new Webhook(secret);
  assert.equal(webhook.checkHeader(webhook.sign(body)), null);
  assert.equal(webhook.checkHeader(`t=${Math.floor(Date.now() / 1000)},v1=x`), null);
  assert.equal(webhook.checkHeader("t=1,v1=x").code, "stale_signature");
});

test("core: the module's buffer has the rooms that wasm/receiver.ts divides it into", async () => {
  const file = join(manifest("@dealix/webhooks").folder, "dist/receiver.wasm");
  const { instance } = await WebAssembly.instantiate(readFileSync(file));
  const { add_key, buffer, memory, start_signing } = instance.exports;
  const [HEADER_ROOM, PREFIX_ROOM, BODY_ROOM] = [MAX_HEADER_BYTES + 1, 128, 3 * 64 * 1024];
  const key = add_key(BODY_ROOM);
  assert.equal(key, 1);
  assert.equal(add_key(BODY_ROOM + 1), 0);
  start_signing(key, now, 1);
  const prefix = new Uint8Array(memory.buffer, buffer() + HEADER_ROOM, PREFIX_ROOM);
  assert.equal(Buffer.from(prefix.subarray(-11)).toString(), `${now}.`);
});
