import type { BodyContent } from "../input/body.js";
import type { VerdictCode } from "../errors.js";
import type { PassDigests } from "../wasm/host.js";
import { passBody } from "../wasm/body.js";
import { receivers, writeHeader, type Receiver } from "../wasm/receiver.js";
import { encodeSecrets, isWrapped, type Secrets } from "../input/secrets.js";
import { decode } from "../runtime/text.js";

/** The verdicts that the wasm module answers as -1, -2, … in place of a secret's index. */
const VERDICTS: readonly VerdictCode[] = ["malformed_header", "bad_timestamp", "missing_v1", "stale_signature", "signature_mismatch"];
const UNKNOWN_KEY = -6;
const STARTED = -8;
const HEADER_ACCEPTED = -9;

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

let latest: { secret: string; verifier: Verifier } | undefined;

/** A verifier for one call. The latest one is kept, since most callers have one secret: its keys are not computed anew. */
export function verifierFor(secret: Secrets, maxAgeSeconds: number): Verifier {
  if (latest && latest.secret === secret && latest.verifier.maxAgeSeconds === maxAgeSeconds) return latest.verifier;
  const verifier = new Verifier(secret, maxAgeSeconds);
  if (typeof secret === "string") latest = { secret, verifier };
  return verifier;
}

/** The keys of a verifier's secrets: the instance that holds them, and the first one's number. The others follow it. */
interface Keys {
  readonly receiver: Receiver;
  readonly first: number;
}

/** Secrets, and their precomputed keys in the wasm module. All that it decides is decided there. */
export class Verifier {
  readonly #secrets: readonly Uint8Array[];
  readonly maxAgeSeconds: number;
  readonly secretCount: number;
  /** Set only once all keys are loaded: the numbers of half a list would run on into another verifier's keys. */
  #keys: Keys;
  /** After `stale_signature`: the clock minus the signature's time, in seconds. */
  ageSeconds = 0;
  /** After `signature_mismatch`: how many `v1` the header holds. */
  signatureCount = 0;

  constructor(secrets: Secrets, maxAgeSeconds: number) {
    this.#secrets = encodeSecrets(secrets);
    this.maxAgeSeconds = maxAgeSeconds;
    this.secretCount = this.#secrets.length;
    const receiver = receivers.enter();
    this.#keys = this.#load(receiver);
    receivers.leave(receiver);
  }

  /** Whether a secret looks wrapped. Only errors ask, so it is found out when they do. */
  get hasWrappedSecret(): boolean {
    return this.#secrets.some((secret) => isWrapped(decode(secret)));
  }

  /** The answer for the header alone: negative where no body can make it right, otherwise 0. */
  verifyHeader(header: string, now: number): number {
    const receiver = receivers.enter();
    const answer = receiver.wasm.start_verification(0, 0, this.maxAgeSeconds, writeHeader(receiver, header), now, 0);
    return this.#leave(receiver, answer === HEADER_ACCEPTED ? 0 : answer);
  }

  /** The index of the secret that matched, or a negative answer: see `verdictCode`. */
  verify(header: string, content: BodyContent, now: number): number {
    const receiver = receivers.enter();
    const { wasm } = receiver;
    const headerLength = writeHeader(receiver, header);
    const answer = this.#pass(receiver, content, this.secretCount, (firstKey, byHost) =>
      wasm.start_verification(firstKey, this.secretCount, this.maxAgeSeconds, headerLength, now, byHost),
    );
    return this.#leave(receiver, answer === STARTED ? wasm.finish_verification() : answer);
  }

  /** The signature header for a body, under the first secret. */
  sign(content: BodyContent, timestamp: number): string {
    const receiver = receivers.enter();
    const { wasm, header } = receiver;
    const answer = this.#pass(receiver, content, 1, (firstKey, byHost) => wasm.start_signing(firstKey, timestamp, byHost));
    const digits = answer === STARTED ? wasm.finish_signing() : 0;
    if (digits === 0) throw new Error(`@dealix/webhooks: no key (${answer})`);
    const v1 = String.fromCharCode(...header.subarray(0, digits));
    receivers.leave(receiver);
    return `t=${timestamp},v1=${v1}`;
  }

  /** Ends a verification: keeps the facts about a refusal, which the module holds until the next one. */
  #leave(receiver: Receiver, answer: number): number {
    if (answer < 0) {
      this.ageSeconds = receiver.wasm.age_seconds();
      this.signatureCount = receiver.wasm.signatures();
    }
    receivers.leave(receiver);
    return answer;
  }

  /** Starts something and passes the body to it, or the host's digests of it; answers what the start answered. */
  #pass(receiver: Receiver, content: BodyContent, keys: number, start: (firstKey: number, byHost: number) => number): number {
    const passDigests = content.length < HOST_LENGTH ? null : hostDigests();
    const byHost = passDigests ? 1 : 0;
    // Another instance's numbers would be those of other keys here.
    let answer = this.#keys.receiver === receiver ? start(this.#keys.first, byHost) : UNKNOWN_KEY;
    if (answer === UNKNOWN_KEY) {
      // The module keeps the newest keys only; older ones are made again when they are used.
      this.#keys = this.#load(receiver);
      answer = start(this.#keys.first, byHost);
    }
    if (answer === STARTED) (passDigests ?? passBody)(receiver, content, keys);
    return answer;
  }

  #load(receiver: Receiver): Keys {
    const { wasm, body } = receiver;
    const numbers = this.#secrets.map((secret) => {
      body.set(secret);
      return wasm.add_key(secret.length);
    });
    const [first = 0] = numbers;
    // 0 is no key.
    if (numbers.some((number, index) => number !== first + index || number === 0)) throw new Error("@dealix/webhooks: no key");
    return { receiver, first };
  }
}
