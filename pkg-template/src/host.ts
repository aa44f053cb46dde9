import type { BodyContent } from "./body.js";
import { writeBody } from "./payload.js";
import { receiver } from "./receiver.js";

/** What `node:crypto` offers: SHA-256 by the processor's own instructions. */
interface HostCrypto {
  hash(algorithm: "sha256", data: Uint8Array | string, encoding: "latin1"): string;
  createHash(algorithm: "sha256"): { update(data: Uint8Array): unknown; digest(encoding: "latin1"): string };
}

/** Hashes the body that is being verified or signed, once for each of the keys, and passes the digests to the module. */
export type PassDigests = (content: BodyContent, keys: number) => void;

let found: PassDigests | null | undefined;

/**
 * The host's way to hash, where it has one: Node from 20.16 on, Deno, Bun. What follows from the digests is still decided
 * in the module. `node:crypto` is asked for when a body is long enough to gain by it, and of `process`: an import of it
 * would break the package wherever there is no Node.
 */
export function hostDigests(): PassDigests | null {
  if (found === undefined) {
    const crypto = findCrypto();
    found = crypto && ((content, keys) => passDigests(crypto, content, keys));
  }
  return found;
}

function findCrypto(): HostCrypto | null {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): HostCrypto | undefined } };
  try {
    const crypto = process?.getBuiltinModule?.("node:crypto");
    // An imitation of Node may have the name and not the answer.
    return crypto?.hash("sha256", "", "latin1").startsWith("\xe3\xb0\xc4\x42\x98\xfc\x1c\x14") ? crypto : null;
  } catch {
    return null;
  }
}

function passDigests(crypto: HostCrypto, content: BodyContent, keys: number): void {
  const { body } = receiver();
  const fits = typeof content === "string" || content.length <= body.length;
  const { read, written } = fits ? writeBody(content) : { read: 0, written: 0 };
  if (read < content.length) return passLongDigests(crypto, content, keys);
  for (let key = 0; key < keys; key += 1) passDigest(key, crypto.hash("sha256", withPrefix(key, written), "latin1"));
}

function passLongDigests(crypto: HostCrypto, content: BodyContent, keys: number): void {
  const hashes = Array.from({ length: keys }, (_, key) => {
    const hash = crypto.createHash("sha256");
    hash.update(withPrefix(key, 0));
    return hash;
  });
  for (const chunk of typeof content === "string" ? encoded(content) : [content]) {
    for (const hash of hashes) hash.update(chunk);
  }
  hashes.forEach((hash, key) => passDigest(key, hash.digest("latin1")));
}

/** What is hashed, as it lies in the module's memory: a block of the key, the time, and `length` bytes of the body's room. */
function withPrefix(key: number, length: number): Uint8Array {
  const { wasm, body } = receiver();
  const prefix = wasm.host_prefix(key);
  return new Uint8Array(body.buffer, body.byteOffset - prefix, prefix + length);
}

function passDigest(key: number, digest: string): void {
  const { wasm, prefix } = receiver();
  for (let at = 0; at < digest.length; at += 1) prefix[at] = digest.charCodeAt(at);
  wasm.host_digest(key);
}

function* encoded(text: string): Iterable<Uint8Array> {
  const { body } = receiver();
  for (let rest = text; rest !== ""; ) {
    const { read, written } = writeBody(rest);
    yield body.subarray(0, written);
    rest = rest.slice(read);
  }
}
