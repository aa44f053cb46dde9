// What the reference returns. `must`: the recorded result. `reject`: refused. `decide`: the contract decides, and
// nothing is valid that the reference refuses, except for several v1.
import { equal, ok } from "./assert.mjs";

export function vectors({ webhooks, testing, vectors: files }) {
  const { signPayload, verifySignature, EVENT_TYPES } = webhooks;
  return {
    "sign.json": () =>
      each(files.sign, (vector) => {
        const timestamp = number(vector, "timestamp");
        const result = attempt(() =>
          signPayload({ secret: vector.secret, body: fromBase64(vector.body_base64), timestamp }),
        );
        const signable = vector.secret !== "" && Number.isSafeInteger(timestamp) && timestamp >= 0;
        ok(signable || vector.tier !== "must", `${vector.id}: must, and out of our range`);
        equal(
          result.code ?? result.value,
          signable ? vector.header : vector.secret === "" ? "empty_secret" : "invalid_option",
          vector.id,
        );
        decided(vector, result.code ?? "signed");
      }),

    "verify.json": () => each(files.verify, (vector) => checkVerdict(vector, vector.secret, vector.header)),

    "verify.json, the body as text": () =>
      each(files.verify, (vector) => {
        const bytes = fromBase64(vector.body_base64);
        const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
        const isText = new TextEncoder().encode(text).every((byte, index) => byte === bytes[index]);
        if (isText) checkVerdict(vector, vector.secret, vector.header, text);
      }),

    "js_inputs.json": () =>
      each(files.js_inputs, (vector) => {
        const secret = fromUtf16(vector.secret_utf16);
        if (vector.kind === "verify") return checkVerdict(vector, secret, fromUtf16(vector.header_utf16));
        const result = attempt(() =>
          signPayload({ secret, body: fromBase64(vector.body_base64), timestamp: vector.timestamp }),
        );
        decided(vector, result.code ?? "signed");
      }),

    "serialize.json": () =>
      each(files.serialize, (vector) => {
        const result = attempt(() => testing.serializeEnvelope(vector.event));
        if (result.code === undefined) {
          equal(result.value, atob(vector.canonical_base64), vector.id);
          return decided(vector, "canonical");
        }
        ok(vector.tier !== "must" && result.code === "invalid_event", `${vector.id}: ${result.message}`);
        const place = files.decisions[vector.id] ?? "";
        ok(result.message.includes(`canonical form: ${place}`), `${vector.id}: ${result.message}, not at ${place}`);
      }),

    "every decide vector has our answer": () => {
      const decide = ["sign", "verify", "js_inputs", "serialize"].flatMap((name) =>
        files[name].vectors.filter(({ tier }) => tier === "decide"),
      );
      const missing = decide.filter(({ id }) => !(id in files.decisions));
      ok(
        missing.length === 0 || Object.keys(files.decisions).length === 0,
        `no answer to ${missing.map(({ id }) => id)}`,
      );
    },

    "the event types are the reference's": () => {
      const types = files.serialize.vectors.filter(({ category }) => category === "event-type");
      for (const { event } of types) ok(EVENT_TYPES.includes(JSON.parse(event).event_type), event);
      equal(EVENT_TYPES.length, 19);
    },
  };

  function checkVerdict(vector, secret, signatureHeader, body = fromBase64(vector.body_base64)) {
    const result = attempt(() =>
      verifySignature({
        secret,
        signatureHeader,
        body,
        now: vector.clock_ms === undefined ? number(vector, "now") : vector.clock_ms / 1000,
        maxAgeSeconds: number(vector, "max_age_seconds"),
      }),
    );
    const { valid, error } = result.value ?? { valid: false, error: result.code };
    if (vector.tier === "must") {
      equal(`${valid} ${error}`, `${vector.valid} ${vector.error}`, vector.id);
    } else if (vector.tier === "reject") {
      equal(valid, false, vector.id);
    } else {
      const severalV1 = (signatureHeader?.split("v1=").length ?? 0) > 2;
      ok(!valid || vector.valid || severalV1, `${vector.id}: valid only here`);
      decided(vector, valid ? "valid" : error);
    }
  }

  function decided({ id, tier }, answer) {
    if (tier === "decide" && id in files.decisions) equal(answer, files.decisions[id], id);
  }
}

function each({ vectors }, check) {
  ok(vectors.length > 0, "the file holds no vectors");
  for (const vector of vectors) check(vector);
}

/** What a call returns, or the code of the error that it throws; any other error is a failure. */
function attempt(run) {
  try {
    return { value: run() };
  } catch (error) {
    if (typeof error.code !== "string") throw error;
    return { code: error.code, message: error.message };
  }
}

/** An integer past 2^53 is given as text too, since JSON rounds the number. */
function number(vector, field) {
  return Number(vector[`${field}_text`] ?? vector[field]);
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function fromUtf16(units) {
  return units === null ? null : String.fromCharCode(...units);
}
