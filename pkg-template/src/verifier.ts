import type { BodyContent } from "./body.js";
import type { VerdictCode } from "./errors.js";
import type { PassDigests } from "./host.js";
import { passBody } from "./payload.js";
import { receiver, writeHeader } from "./receiver.js";
import { encodeSecrets, isWrapped, type Secrets } from "./secrets.js";
import { decode } from "./text.js";

/** The verdicts that the wasm module answers as -1, -2, … in place of a secret's index. */
const VERDICTS: readonly VerdictCode[] = ["malformed_header", "bad_timestamp", "missing_v1", "stale_signature", "signature_mismatch"];
const UNKNOWN_KEY = -6;
const STARTED = -8;

/** The length of a body from which the host's hash is faster, with what it takes to go there and back. */
const HOST_LENGTH = 200;

let hostDigests: () => PassDigests | null = () => null;

/** Lets the host hash what it hashes faster; an entry for runtimes that have no such host never calls it. */
export function useHost(find: typeof hostDigests): void {
  hostDigests = find;
}

/** The code of a negative answer; null for the index of a secret. */
export function verdictCode(answer: number): VerdictCode | null {
  if (answer >= 0) return null;
  // No other answer is possible, and if one were it must not pass for a good signature.
  return VERDICTS[-answer - 1] ?? "signature_mismatch";
}

/** After `stale_signature`: the clock minus the signature's time, in seconds. */
export function lastAgeSeconds(): number {
  return receiver().wasm.age_seconds();
}

/** After `signature_mismatch`: how many `v1` the header holds. */
export function lastSignatureCount(): number {
  return receiver().wasm.signatures();
}

let latest: { secret: string; verifier: Verifier } | undefined;

/** A verifier for one call. The latest one is kept, since most callers have one secret: its keys are not computed anew. */
export function verifierFor(secret: Secrets, maxAgeSeconds: number): Verifier {
  if (latest && latest.secret === secret && latest.verifier.maxAgeSeconds === maxAgeSeconds) return latest.verifier;
  const verifier = new Verifier(secret, maxAgeSeconds);
  if (typeof secret === "string") latest = { secret, verifier };
  return verifier;
}

/** Secrets, and their precomputed keys in the wasm module. All that it decides is decided there. */
export class Verifier {
  readonly #secrets: readonly Uint8Array[];
  readonly maxAgeSeconds: number;
  readonly secretCount: number;
  #firstKey = 0;

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

  /** What the header decides by itself: a negative answer where no body can make it right, or else 0. */
  verifyHeader(header: string, now: number): number {
    const { wasm } = receiver();
    const answer = wasm.start_verification(this.#firstKey, this.secretCount, this.maxAgeSeconds, writeHeader(header), now, 0);
    return answer === STARTED || answer === UNKNOWN_KEY ? 0 : answer;
  }

  /** The index of the secret that matched, or a negative answer: see `verdictCode`. */
  verify(header: string, content: BodyContent, now: number): number {
    const { wasm } = receiver();
    const headerLength = writeHeader(header);
    const answer = this.#pass(content, this.secretCount, (byHost) =>
      wasm.start_verification(this.#firstKey, this.secretCount, this.maxAgeSeconds, headerLength, now, byHost),
    );
    return answer === STARTED ? wasm.finish_verification() : answer;
  }

  /** The signature header for a body, under the first secret. */
  sign(content: BodyContent, timestamp: number): string {
    const { wasm, header } = receiver();
    const answer = this.#pass(content, 1, (byHost) => wasm.start_signing(this.#firstKey, timestamp, byHost));
    const digits = answer === STARTED ? wasm.finish_signing() : 0;
    if (digits === 0) throw new Error(`@dealix/webhooks: no key (${answer})`);
    return `t=${timestamp},v1=${String.fromCharCode(...header.subarray(0, digits))}`;
  }

  /** Starts something and passes the body to it, or the host's digests of it; answers what the start answered. */
  #pass(content: BodyContent, keys: number, start: (byHost: number) => number): number {
    const passDigests = content.length < HOST_LENGTH ? null : hostDigests();
    const byHost = passDigests ? 1 : 0;
    let answer = start(byHost);
    if (answer === UNKNOWN_KEY) {
      // The module keeps the newest keys only; older ones are made again when they are used.
      this.#load();
      answer = start(byHost);
    }
    if (answer === STARTED) (passDigests ?? passBody)(content, keys);
    return answer;
  }

  #load(): void {
    const { wasm, body } = receiver();
    for (const [index, secret] of this.#secrets.entries()) {
      body.set(secret);
      const key = wasm.add_key(secret.length);
      // 0 is no key, and counted back from it another verifier's would be ours.
      if (key === 0) throw new Error("@dealix/webhooks: no key");
      this.#firstKey = key - index;
    }
  }
}
