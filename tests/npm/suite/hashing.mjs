import { equal, same, throws } from "./assert.mjs";

const LETTERS = ["a", "é", "€", "😀", "a😀", "\ud800"];
/** About the length from which a host may hash, and about that of the module's buffer. */
const LENGTHS = [0, 1, 40, 199, 200, 201, 49_152, 65_535, 65_536, 65_537, 196_608, 196_609];

export function hashing({ webhooks }) {
  const { signPayload, verifySignature } = webhooks;
  const secret = "whsec_hashing_🔑";
  const now = 1_700_000_000;

  return {
    "a body of any length, text or bytes, has SubtleCrypto's HMAC": async () => {
      for (const letter of LETTERS) {
        for (const length of LENGTHS) {
          const text = letter.repeat(length);
          const bytes = new TextEncoder().encode(text);
          const header = `t=${now},v1=${await hmac(secret, now, bytes)}`;
          for (const body of [text, bytes]) check(header, body, `${letter} ${length} ${typeof body}`);
        }
      }
    },

    "a secret of any length": async () => {
      const body = "x".repeat(500);
      for (const length of [1, 31, 32, 33, 63, 64, 65, 128, 1000]) {
        const secret = "s".repeat(length);
        const header = `t=${now},v1=${await hmac(secret, now, new TextEncoder().encode(body))}`;
        for (const part of [body, body.slice(0, 20)])
          equal(
            verifySignature({ secret, signatureHeader: header, body: part, now }).valid,
            part === body,
            `${length}`,
          );
        equal(signPayload({ secret, body, timestamp: now }), header, `${length}`);
      }
    },

    "a secret that is changed for another, back and forth": () => {
      const body = "x".repeat(500);
      const header = signPayload({ secret, body, timestamp: now });
      for (const other of ["other", secret, "other", secret, secret]) {
        equal(verifySignature({ secret: other, signatureHeader: header, body, now }).valid, other === secret, other);
      }
      throws("WebhookConfigurationError", "empty_secret", () =>
        verifySignature({ secret: undefined, signatureHeader: header, body, now }),
      );
      equal(
        verifySignature({ secret, signatureHeader: header, body, now: now + 10, maxAgeSeconds: 9 }).error,
        "stale_signature",
      );
      equal(verifySignature({ secret, signatureHeader: header, body, now: now + 10 }).valid, true);
    },
  };

  function check(header, body, what) {
    equal(signPayload({ secret, body, timestamp: now }), header, what);
    const verdict = (secret, content = body) =>
      verifySignature({ secret, signatureHeader: header, body: content, now });
    same(verdict(["other", secret, secret]), { valid: true, error: null, secretIndex: 1 }, what);
    equal(verdict(["other", "another"]).error, "signature_mismatch", what);
    equal(verdict(secret, longer(body)).error, "signature_mismatch", what);
    if (body.length > 0) equal(verdict(secret, changed(body)).error, "signature_mismatch", what);
  }
}

function longer(body) {
  if (typeof body === "string") return `${body}\0`;
  const copy = new Uint8Array(body.length + 1);
  copy.set(body);
  return copy;
}

function changed(body) {
  if (typeof body === "string") return `${body.slice(0, -1)}?`;
  const copy = body.slice();
  copy[copy.length - 1] ^= 1;
  return copy;
}

async function hmac(secret, timestamp, body) {
  const encode = (text) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const prefix = encode(`${timestamp}.`);
  const payload = new Uint8Array(prefix.length + body.length);
  payload.set(prefix);
  payload.set(body, prefix.length);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, payload));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
