// What differs between runtimes, so that a seed makes the same case in all of them.
import sha256 from "fast-sha256";

const encoder = new TextEncoder();

/** UTF-8; half a surrogate pair becomes U+FFFD. */
export function encode(text) {
  return encoder.encode(text);
}

export function byteLength(text) {
  return encode(text).length;
}

/** HMAC-SHA256 in lower-case hex. Not `node:crypto`'s, which browsers lack, and by which the package itself hashes. */
export function hmac(secret, ...parts) {
  const hash = new sha256.HMAC(encode(secret));
  for (const part of parts) hash.update(part);
  return Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Node's class, and plain bytes where there is none. */
export const Buffer = globalThis.Buffer ?? Uint8Array;

/** A page that is not isolated hides the constructor, but not what it constructs. */
const SharedBuffer = new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true }).buffer.constructor;

export function sharedBytes(length) {
  return new Uint8Array(new SharedBuffer(length));
}

/** Constructors of another realm; this one's in workerd, which has no other. */
export const foreign = otherRealm() ?? { Uint8Array, DataView };

function otherRealm() {
  const vm = globalThis.process?.getBuiltinModule?.("node:vm");
  // workerd has a `node:vm` of which nothing works.
  if (vm && !("WebSocketPair" in globalThis)) return vm.runInNewContext("({ Uint8Array, DataView })");
  const { document } = globalThis;
  return document?.body.appendChild(document.createElement("iframe")).contentWindow;
}
