import type { BodyContent } from "./body.js";
import type { VerdictCode } from "./errors.js";
import { encodeSecrets, isWrapped, type Secrets } from "./secrets.js";
import { decode, encodeInto } from "./text.js";
import * as glue from "./generated/receiver_bg.js";
import { instantiate, type Instance, type WasmSource } from "./wasm.js";

/** The verdicts that the wasm module answers as -1, -2, … in place of a secret's index. */
const VERDICTS: readonly VerdictCode[] = ["malformed_header", "bad_timestamp", "missing_v1", "stale_signature", "signature_mismatch"];
const UNKNOWN_VERIFIER = -6;
const STARTED = -8;

/** The code of a negative answer; null for the index of a secret. */
export function verdictCode(answer: number): VerdictCode | null {
  if (answer >= 0) return null;
  // No other answer is possible, and if one were it must not pass for a good signature.
  return VERDICTS[-answer - 1] ?? "signature_mismatch";
}

/** After `stale_signature`: the clock minus the signature's time, in seconds. */
export function lastAgeSeconds(): number {
  return instance().age_seconds();
}

/** After `signature_mismatch`: how many `v1` the header holds. */
export function lastSignatureCount(): number {
  return instance().signatures();
}

let instance: () => Instance<typeof glue>;
let rooms: { header: Uint8Array; body: Uint8Array } | undefined;

/** Starts the wasm module; each of the package's entries calls it once, with the source that fits. */
export function startReceiver(source: () => WasmSource): void {
  instance = instantiate("receiver", glue, source);
}

/** Where the module reads and writes. Asked for anew at every use: a view is emptied when wasm memory grows. */
function room(part: "header" | "body"): Uint8Array {
  if (!rooms?.body.length) {
    const wasm = instance();
    const address = wasm.buffer();
    const { buffer } = wasm.memory;
    rooms = {
      header: new Uint8Array(buffer, address, wasm.header_room()),
      body: new Uint8Array(buffer, address + wasm.header_room(), wasm.body_room()),
    };
  }
  return rooms[part];
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

  /** Whether a secret looks wrapped; for an error alone, so not found out before. */
  get hasWrappedSecret(): boolean {
    return this.#secrets.some((secret) => isWrapped(decode(secret)));
  }

  /** The index of the secret that matched, or a negative answer: see `verdictCode`. */
  verify(header: string, content: BodyContent, now: number): number {
    return this.#run(() => verify(this.#id, header, content, now));
  }

  /** The signature header for a body, under the first secret. */
  sign(content: BodyContent, timestamp: number): string {
    const answer = this.#run(() => instance().start_signing(this.#id, timestamp));
    if (answer !== STARTED) throw new Error(`@dealix/webhooks: signing did not start (${answer})`);
    feed(content);
    const length = instance().finish_signing();
    return String.fromCharCode(...room("header").subarray(0, length));
  }

  /** The module keeps the newest verifiers only; an older one is loaded again when it is used. */
  #run(call: () => number): number {
    const answer = call();
    if (answer !== UNKNOWN_VERIFIER) return answer;
    this.#load();
    return call();
  }

  #load(): void {
    const wasm = instance();
    for (const secret of this.#secrets) {
      room("body").set(secret);
      wasm.add_secret(secret.length);
    }
    this.#id = wasm.create_verifier(this.#secrets.length, this.maxAgeSeconds);
  }
}

function verify(id: number, header: string, content: BodyContent, now: number): number {
  const wasm = instance();
  const headerLength = writeHeader(header);
  const body = room("body");
  if (typeof content === "string") {
    const { read, written } = encodeInto(content, body);
    if (read === content.length) return wasm.verify(id, headerLength, written, now);
  } else if (content.length <= body.length) {
    body.set(content);
    return wasm.verify(id, headerLength, content.length, now);
  }
  const started = wasm.start_verification(id, headerLength, now);
  if (started !== STARTED) return started;
  feed(content);
  return wasm.finish_verification();
}

/** The room is one byte more than a header may have: what does not fit counts as too long. */
function writeHeader(text: string): number {
  const header = room("header");
  const { read, written } = encodeInto(text, header);
  return read === text.length ? written : header.length;
}

/** Passes a body of any length through the buffer. */
function feed(content: BodyContent): void {
  const wasm = instance();
  const body = room("body");
  if (typeof content === "string") {
    for (let rest = content; rest !== ""; ) {
      const { read, written } = encodeInto(rest, body);
      wasm.update(written);
      rest = rest.slice(read);
    }
    return;
  }
  for (let from = 0; from < content.length; from += body.length) {
    const chunk = content.subarray(from, from + body.length);
    body.set(chunk);
    wasm.update(chunk.length);
  }
}
