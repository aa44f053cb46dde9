import type { BodyContent } from "./body.js";
import type { VerdictCode } from "./errors.js";
import { encodeSecrets, type Secrets } from "./secrets.js";
import { encodeInto } from "./text.js";
import * as glue from "./generated/receiver_bg.js";
import { instantiate, type Instance, type WasmSource } from "./wasm.js";

/** The verdicts that the wasm module answers as -1, -2, … in place of a secret's index. */
const VERDICTS: readonly VerdictCode[] = ["malformed_header", "bad_timestamp", "missing_v1", "stale_signature", "signature_mismatch"];
const UNKNOWN_VERIFIER = -6;

/** The code of a negative answer; null for the index of a secret. */
export function verdictCode(answer: number): VerdictCode | null {
  return VERDICTS[-answer - 1] ?? null;
}

/** After `stale_signature`: the clock minus the signature's time, in seconds. */
export function lastAgeSeconds(): number {
  return receiver().age_seconds();
}

/** After `signature_mismatch`: how many `v1` the header holds. */
export function lastSignatureCount(): number {
  return receiver().signatures();
}

let instance: () => Instance<typeof glue>;
let headerRoom: Uint8Array;
let bodyRoom: Uint8Array;

/** Starts the wasm module; each of the package's entries calls it once, with the source that fits. */
export function startReceiver(source: () => WasmSource): void {
  instance = instantiate("receiver", glue, source);
}

function receiver(): Instance<typeof glue> {
  const wasm = instance();
  // Views on wasm memory are emptied when it grows.
  if (!bodyRoom?.length) {
    const address = wasm.buffer();
    headerRoom = new Uint8Array(wasm.memory.buffer, address, wasm.header_room());
    bodyRoom = new Uint8Array(wasm.memory.buffer, address + wasm.header_room(), wasm.body_room());
  }
  return wasm;
}

/** Secrets, and their precomputed keys in the wasm module. All that it decides is decided there. */
export class Verifier {
  readonly #secrets: readonly Uint8Array[];
  readonly maxAgeSeconds: number;
  readonly secretCount: number;
  #id = 0;

  constructor(secrets: Secrets, maxAgeSeconds: number) {
    this.#secrets = encodeSecrets(secrets);
    this.maxAgeSeconds = maxAgeSeconds;
    this.secretCount = this.#secrets.length;
    this.#load();
  }

  /** The index of the secret that matched, or a negative answer: see `verdictCode`. */
  verify(header: string, content: BodyContent, now: number): number {
    return this.#run(() => verify(this.#id, header, content, now));
  }

  /** The signature header for a body, under the first secret. */
  sign(content: BodyContent, timestamp: number): string {
    this.#run(() => receiver().start_signing(this.#id, timestamp));
    feed(content);
    const length = receiver().finish_signing();
    return String.fromCharCode(...headerRoom.subarray(0, length));
  }

  /** The module keeps the newest verifiers only; an older one is loaded again when it is used. */
  #run(call: () => number): number {
    const answer = call();
    if (answer !== UNKNOWN_VERIFIER) return answer;
    this.#load();
    return call();
  }

  #load(): void {
    const wasm = receiver();
    for (const secret of this.#secrets) {
      bodyRoom.set(secret);
      wasm.add_secret(secret.length);
    }
    this.#id = wasm.create_verifier(this.maxAgeSeconds);
  }
}

function verify(id: number, header: string, content: BodyContent, now: number): number {
  const wasm = receiver();
  const headerLength = writeHeader(header);
  if (typeof content === "string") {
    const { read, written } = encodeInto(content, bodyRoom);
    if (read === content.length) return wasm.verify(id, headerLength, written, now);
  } else if (content.length <= bodyRoom.length) {
    bodyRoom.set(content);
    return wasm.verify(id, headerLength, content.length, now);
  }
  const verdict = wasm.start_verification(id, headerLength, now);
  if (verdict !== 0) return verdict;
  feed(content);
  return wasm.finish_verification();
}

/** The room is one byte more than a header may have: what does not fit counts as too long. */
function writeHeader(header: string): number {
  const { read, written } = encodeInto(header, headerRoom);
  return read === header.length ? written : headerRoom.length;
}

/** Passes a body of any length through the buffer. */
function feed(content: BodyContent): void {
  const wasm = receiver();
  if (typeof content === "string") {
    for (let rest = content; rest !== ""; ) {
      const { read, written } = encodeInto(rest, bodyRoom);
      wasm.update(written);
      rest = rest.slice(read);
    }
    return;
  }
  for (let from = 0; from < content.length; from += bodyRoom.length) {
    const chunk = content.subarray(from, from + bodyRoom.length);
    bodyRoom.set(chunk);
    wasm.update(chunk.length);
  }
}
