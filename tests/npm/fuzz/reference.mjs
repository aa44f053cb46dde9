// What docs/contract.md says, written down naively, without a look at the package.
import { byteLength, encode, hmac } from "./platform.mjs";

const MAX_HEADER_BYTES = 8192;
const MAX_TIMESTAMP = 2n ** 53n - 1n;

/** The MACs of each body, since a case needs some of them several times. */
const macs = new WeakMap();

/** HMAC-SHA256 of the time's digits, a full stop and the body, in lower-case hex. */
export function mac(secret, timestamp, body) {
  if (!macs.has(body)) macs.set(body, new Map());
  const known = macs.get(body);
  const name = `${timestamp} ${secret}`;
  if (!known.has(name)) known.set(name, hmac(secret, encode(`${timestamp}.`), body));
  return known.get(name);
}

/** The verdict on a header alone: its code or null, and the details of an error. */
export function headerVerdict({ header, now, maxAge }) {
  if (header === null || byteLength(header) > MAX_HEADER_BYTES || !header.includes(",")) {
    return { code: "malformed_header" };
  }
  const parts = header.split(",").map((part) => [part.split("=")[0], part.includes("=") ? after(part) : null]);
  const values = (name) => parts.filter(([key, value]) => key === name && value !== null).map(([, value]) => value);
  const [t, ...others] = values("t");
  if (t === undefined || others.length > 0 || !/^(0|[1-9][0-9]{0,15})$/.test(t) || BigInt(t) > MAX_TIMESTAMP) {
    return { code: "bad_timestamp" };
  }
  const signatures = values("v1").filter((value) => value !== "");
  if (signatures.length === 0) return { code: "missing_v1" };
  const age = BigInt(Math.floor(now)) - BigInt(t);
  if ((age < 0n ? -age : age) > BigInt(maxAge)) {
    return { code: "stale_signature", ageSeconds: Number(age), maxAgeSeconds: maxAge };
  }
  return { code: null, t, signatures };
}

function after(part) {
  return part.slice(part.indexOf("=") + 1);
}

/** The verdict on a delivery: a code and the details of an error, or the secret that matched. */
export function verdict({ header, now, maxAge, secrets, body }) {
  const { code, t, signatures, ...details } = headerVerdict({ header, now, maxAge });
  if (code !== null) return { code, ...details };
  const secretIndex = secrets.findIndex((secret) => signatures.includes(mac(secret, t, body)));
  if (secretIndex >= 0) return { code: null, secretIndex };
  return { code: "signature_mismatch", signaturesTried: signatures.length, secretsTried: secrets.length };
}

const FIELDS = {
  id: isText,
  type: isText,
  customer_id: isText,
  timestamp: Number.isInteger,
  api_version: isText,
  data: isObject,
};

/** The event in a body, or the first field that is wrong. */
export function envelope(body) {
  let event;
  try {
    event = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return { field: "body" };
  }
  if (!isObject(event)) return { field: "body" };
  const wrong = Object.entries(FIELDS).find(([name, isRight]) => !Object.hasOwn(event, name) || !isRight(event[name]));
  return wrong === undefined ? { event } : { field: wrong[0] };
}

function isText(value) {
  return typeof value === "string";
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
