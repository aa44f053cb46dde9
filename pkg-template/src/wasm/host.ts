import type { BodyContent } from "../input/body.js";
import type { Receiver } from "./receiver.js";

/**
 * Hashes the body that is being verified or signed, once for each key, after the `before` bytes that the module wrote before
 * it, and passes the digests to the module. Returns what the module returns in the end.
 */
export type PassDigests = (receiver: Receiver, content: BodyContent, before: number) => number;

/** The part of `node:crypto` that is used: SHA-256 with the processor's own instructions. */
interface Crypto {
  hash(algorithm: "sha256", data: Uint8Array | string, encoding: "latin1"): string;
  createHash(algorithm: "sha256"): Hash;
}

interface Hash {
  update(data: BodyContent): Hash;
  digest(encoding: "latin1"): string;
}

/** The part of `Buffer` that is used: it writes non-ASCII text several times as fast as a TextEncoder. */
interface Room extends Uint8Array {
  write(text: string): number;
}

interface Modules {
  "node:crypto": Crypto;
  "node:buffer": { Buffer: { from(memory: ArrayBufferLike, at: number, length: number): Room } };
}

interface Process {
  versions?: { node?: string };
  getBuiltinModule?<Name extends keyof Modules>(name: Name): Modules[Name] | undefined;
}

const GIBIBYTE = 2 ** 30;
/** The module needs the next key's digest. */
const NEXT = -8;

/**
 * From this body length on, the runtime's own hash is faster, including the detour through it, which is longer in Deno and
 * longest in workerd. `cargo xtask bench` measures all three. In workerd this is the inlined build's, under `nodejs_compat`.
 */
const SHORTEST = "Deno" in globalThis ? 700 : "WebSocketPair" in globalThis ? 1000 : 200;
/**
 * The module hashes this many bytes before the runtime's hash is loaded. Loading it takes 3 to 8 ms in Node, as long as
 * hashing that much, and a function in the cloud may live for a single delivery.
 */
let bytesUntilLoaded = 500_000;
/** What a call counts for besides its bytes. */
const CALL_BYTES = 200;

let passDigests: PassDigests | null | undefined;

/**
 * The runtime's own way to hash a body of this length, or null if the module is faster or the runtime has none: Node has one
 * since 20.16, and so do Deno and Bun. The module still makes every decision. `node:crypto` is loaded through `process`, since
 * importing it would break the package everywhere but in Node.
 */
export function hostDigests(length: number): PassDigests | null {
  if (length < SHORTEST || passDigests === null) return null;
  if (passDigests === undefined) {
    bytesUntilLoaded -= length + CALL_BYTES;
    if (bytesUntilLoaded > 0) return null;
    passDigests = findHost();
  }
  return passDigests;
}

function findHost(): PassDigests | null {
  const { process } = globalThis as { process?: Process };
  // Its Buffer writes text as Latin-1 once the call is compiled (nodejs/node#54521, fixed in 22.8.0).
  if (process?.versions?.node === "22.7.0") return null;
  try {
    const crypto = process?.getBuiltinModule?.("node:crypto");
    const { Buffer } = process?.getBuiltinModule?.("node:buffer") ?? {};
    // An imitation of Node may have the functions without the right results.
    if (!Buffer || !crypto?.hash("sha256", "", "latin1").startsWith("\xe3\xb0\xc4\x42\x98\xfc\x1c\x14")) return null;
    return digestsBy(crypto, Buffer);
  } catch (error) {
    // The stack was exhausted, which says nothing about the runtime.
    if (error instanceof RangeError) throw error;
    return null;
  }
}

/** Hashes a block of the key, the time and the body: in one piece if the body is sure to fit in the module's buffer. */
function digestsBy(crypto: Crypto, Buffer: Modules["node:buffer"]["Buffer"]): PassDigests {
  let latest: { receiver: Receiver; room: Room } | undefined;
  return (receiver, content, before) => {
    const { wasm, prefix, body } = receiver;
    if (latest?.receiver !== receiver) {
      latest = { receiver, room: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
    }
    const { room } = latest;
    const fits = (typeof content === "string" ? 3 : 1) * content.length <= room.length;
    const length = fits ? writeBody(content, room) : 0;
    const data = new Uint8Array(room.buffer, room.byteOffset - before, before + length);
    let status: number;
    do {
      const digest = fits
        ? crypto.hash("sha256", data, "latin1")
        : hashLong(crypto.createHash("sha256").update(data), content);
      for (let at = 0; at < digest.length; at += 1) prefix[at] = digest.charCodeAt(at);
      status = wasm.host_digest();
    } while (status === NEXT);
    return status;
  };
}

function hashLong(hash: Hash, content: BodyContent): string {
  if (typeof content === "string") return hash.update(content).digest("latin1");
  // Node accepts less than 2 GiB at a time.
  for (let from = 0; from < content.length; from += GIBIBYTE) hash.update(content.subarray(from, from + GIBIBYTE));
  return hash.digest("latin1");
}

function writeBody(content: BodyContent, room: Room): number {
  if (typeof content === "string") return room.write(content);
  room.set(content);
  return content.length;
}
