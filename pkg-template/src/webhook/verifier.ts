import type { BodyContent } from "../input/body.js";
import type { VerdictCode } from "../errors.js";
import type { PassDigests } from "../wasm/host.js";
import { passBody } from "../wasm/body.js";
import { receivers, writeHeader, type Receiver } from "../wasm/receiver.js";
import { encodeSecrets, isWrapped, type Secrets } from "../input/secrets.js";
import { decode } from "../runtime/text.js";

/**
 * The verdicts that the wasm module returns as -1, -2, … instead of a secret's index. tests/npm/core-limits.test.mjs
 * compares them.
 */
const VERDICTS: readonly VerdictCode[] = [
  "malformed_header",
  "bad_timestamp",
  "missing_v1",
  "stale_signature",
  "signature_mismatch",
];
/** The module has dropped a key for a newer one. */
export const UNKNOWN_KEY = -6;
const HEADER_ACCEPTED = -10;
/** Started. If the runtime hashes, the status is this minus the number of bytes that it hashes before the body. */
const STARTED = -11;

export let hostDigests: (length: number) => PassDigests | null = () => null;

/** Lets the runtime hash what it hashes faster. The entries for runtimes that cannot do so never call this. */
export function useHost(find: typeof hostDigests): void {
  hostDigests = find;
}

/** The code of a negative verdict; null for the index of a secret. */
export function verdictCode(verdict: number): VerdictCode | null {
  if (verdict >= 0) return null;
  // No other number is possible, but if one were returned it must not pass for a good signature.
  return VERDICTS[-verdict - 1] ?? "signature_mismatch";
}

let latest: { secret: string; verifier: Verifier } | undefined;

/**
 * A verifier for one call. The latest is kept, since most callers have one secret, whose keys then need not be
 * recomputed.
 */
export function verifierFor(secret: Secrets, maxAgeSeconds: number): Verifier {
  if (latest && latest.secret === secret && latest.verifier.maxAgeSeconds === maxAgeSeconds) return latest.verifier;
  const verifier = new Verifier(secret, maxAgeSeconds);
  if (typeof secret === "string") latest = { secret, verifier };
  return verifier;
}

/** Where a verifier's keys are: the instance that holds them, and the number of the first. The others follow it. */
interface Keys {
  readonly receiver: Receiver;
  readonly first: number;
}

/** Secrets, and their precomputed keys in the wasm module, which makes every decision. */
export class Verifier {
  readonly #secrets: readonly Uint8Array[];
  readonly maxAgeSeconds: number;
  readonly secretCount: number;
  /** Set only once all keys are loaded: the numbers of half a list would run into another verifier's keys. */
  #keys: Keys;
  /**
   * After `stale_signature`, the clock minus the signature's time, in seconds; after `signature_mismatch`, how many `v1` the
   * header holds.
   */
  fact = 0;

  constructor(secrets: Secrets, maxAgeSeconds: number) {
    this.#secrets = encodeSecrets(secrets);
    this.maxAgeSeconds = maxAgeSeconds;
    this.secretCount = this.#secrets.length;
    const receiver = receivers.enter();
    this.#keys = this.#load(receiver);
    receivers.leave(receiver);
  }

  /** Whether a secret begins or ends with a blank or a quote. Computed on demand, since only errors need it. */
  get hasWrappedSecret(): boolean {
    return this.#secrets.some((secret) => isWrapped(decode(secret)));
  }

  /** The verdict on the header alone: negative if no body can make the delivery genuine, otherwise 0. */
  verifyHeader(header: string, now: number): number {
    const receiver = receivers.enter();
    const headerLength = writeHeader(receiver, header);
    const status = receiver.wasm.start_verification(0, 0, this.maxAgeSeconds, headerLength, now, 0);
    return this.#leave(receiver, status === HEADER_ACCEPTED ? 0 : status);
  }

  /** The index of the secret that matched, or a negative verdict: see `verdictCode`. */
  verify(header: string, content: BodyContent, now: number): number {
    const receiver = receivers.enter();
    const passDigests = hostDigests(content.length);
    const headerLength = writeHeader(receiver, header);
    let status = this.#start(receiver, headerLength, now, passDigests);
    if (status === UNKNOWN_KEY) {
      this.reload(receiver);
      status = this.#start(receiver, headerLength, now, passDigests);
    }
    return this.#leave(receiver, pass(receiver, content, status, passDigests));
  }

  #start(receiver: Receiver, headerLength: number, now: number, passDigests: PassDigests | null): number {
    const { wasm } = receiver;
    const byHost = passDigests ? 1 : 0;
    const firstKey = this.firstKey(receiver);
    return wasm.start_verification(firstKey, this.secretCount, this.maxAgeSeconds, headerLength, now, byHost);
  }

  /** Ends a verification: keeps the fact about a refusal, which the module holds only until the next one. */
  #leave(receiver: Receiver, verdict: number): number {
    if (verdict < 0) this.fact = receiver.wasm.fact();
    receivers.leave(receiver);
    return verdict;
  }

  /** The number of the first secret's key. One from another instance would name another key here. */
  firstKey(receiver: Receiver): number {
    if (this.#keys.receiver !== receiver) this.reload(receiver);
    return this.#keys.first;
  }

  /** For when the module has dropped a key. */
  reload(receiver: Receiver): void {
    this.#keys = this.#load(receiver);
  }

  /** Makes the keys in the module, which keeps only the newest: older ones are made again when they are used. */
  #load(receiver: Receiver): Keys {
    const { wasm, body } = receiver;
    const numbers = this.#secrets.map((secret) => {
      body.set(secret);
      return wasm.add_key(secret.length);
    });
    const [first = 0] = numbers;
    // 0 is not a key.
    const isWrong = numbers.some((number, index) => number !== first + index || number === 0);
    if (isWrong) throw new Error("@dealix/webhooks: no key");
    return { receiver, first };
  }
}

/** Passes the body of what has started, or the runtime's digests of it. Returns what the module returns in the end. */
export function pass(
  receiver: Receiver,
  content: BodyContent,
  started: number,
  passDigests: PassDigests | null,
): number {
  if (started > STARTED) return started;
  return passDigests ? passDigests(receiver, content, STARTED - started) : passBody(receiver, content);
}
