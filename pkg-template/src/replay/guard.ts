import { atCaller, describe, WebhookReplayError, WebhookUsageError } from "../errors.js";
import { memoryStore } from "./stores/memory.js";
import { callable, invalidOption, knownOptions, wholeNumber } from "../input/options.js";
import type { Claim, ReplayStore } from "./store.js";

/** Dealix tries again 330 s after an attempt that died, and finds that its lease ran out. */
const DEFAULT_LEASE_SECONDS = 300;

/** Three days: Dealix's last attempt is 30 h 35 min after the first. */
const DEFAULT_KEEP_SECONDS = 3 * 24 * 60 * 60;

/** Dealix waits 10 s for an answer, and the handler is to have some of it. */
const STORE_TIMEOUT_SECONDS = 5;

/** 68 years; more than that is no number of seconds in some stores. */
const MAX_SECONDS = 2 ** 31 - 1;

export interface ReplayGuardOptions {
  /**
   * For how long an event is in hand, in seconds: 300 by default. If the process dies in the handler, the event can
   * be had again after that time. Longer than your slowest handler, and no shorter than `maxAgeSeconds`.
   */
  leaseSeconds?: number | undefined;
  /** For how long an event that was handled is remembered, in seconds: three days by default, `leaseSeconds` at least. */
  keepSeconds?: number | undefined;
  /**
   * Told of a store that failed after the handler had run, which changes nothing about the answer: `operation` is
   * what could not be done. Writes to `console.warn` by default.
   */
  onStoreError?: ((error: unknown, operation: "finish" | "release") => unknown) | undefined;
}

/** What `run` resolves with: the handler's value, or that the event was handled before. */
export type RunResult<T> = { readonly duplicate: false; readonly value: T } | { readonly duplicate: true; readonly value?: undefined };

/**
 * Runs a handler once for each event, however often the event is delivered or replayed.
 *
 * ```js
 * const guard = new ReplayGuard(redisStore(redis)); // memory by default: one process, until it ends
 * fetchHandler({ secret, onEvent: (event) => guard.run(event.id, () => work(event)) });
 * ```
 */
export class ReplayGuard {
  readonly #store: ReplayStore;
  readonly #leaseSeconds: number;
  readonly #keepSeconds: number;
  readonly #onStoreError: NonNullable<ReplayGuardOptions["onStoreError"]>;

  /** Throws `WebhookConfigurationError` for what is no store, and for an option that cannot be. */
  constructor(store: ReplayStore = memoryStore(), options: ReplayGuardOptions = {}) {
    this.#store = store;
    [this.#leaseSeconds, this.#keepSeconds, this.#onStoreError] = atCaller(ReplayGuard, () => {
      const { leaseSeconds, keepSeconds, onStoreError = warn } = knownOptions(options, { leaseSeconds: undefined, keepSeconds: undefined, onStoreError: undefined });
      checkStore(store);
      callable("onStoreError", onStoreError);
      const lease = seconds("leaseSeconds", leaseSeconds, DEFAULT_LEASE_SECONDS);
      return [lease, seconds("keepSeconds", keepSeconds, Math.max(DEFAULT_KEEP_SECONDS, lease), lease), onStoreError];
    });
  }

  /**
   * Claims the event, runs the handler, and marks the event as done. `id` is the `id` of an event that was verified;
   * where endpoints share a store, with a name before it (`billing:${event.id}`), since each of them gets the event.
   *
   * - The event was handled before: the handler is not run, and this resolves, so that the delivery is answered 204.
   * - It is in hand: throws `WebhookReplayError` (`delivery_in_progress`), which the handlers answer with 503, so that
   *   Dealix asks again. A 2xx would lose the event if the work that is under way failed.
   * - The handler throws: the event is let go, and the error passes through. Dealix tries again.
   * - The store cannot be reached: its error passes through, and the handler is not run. Dealix tries again.
   * - It does not answer within 5 s: throws `WebhookReplayError` (`replay_store_timeout`), and the handler is not run.
   * - It fails once the handler has run: this resolves all the same, for the work is done, and `onStoreError` is told.
   *   The event stays in hand until the lease ends; a delivery of it after that runs the handler again.
   */
  async run<T>(id: string, handler: () => T): Promise<RunResult<Awaited<T>>> {
    checkId(id);
    callable("handler", handler);
    const token = crypto.randomUUID();
    const claim = await this.#claim(id, token);
    if (claim === "done") return { duplicate: true };
    if (claim !== "claimed") throw notClaimed(id, claim);
    let value: Awaited<T>;
    try {
      value = await handler();
    } catch (error) {
      await this.#reporting("release", () => this.#store.release(id, token));
      throw error;
    }
    await this.#reporting("finish", () => this.#store.finish(id, token, this.#keepSeconds));
    return { duplicate: false, value };
  }

  async #claim(id: string, token: string): Promise<Claim> {
    const claim = Promise.resolve(this.#store.claim(id, token, this.#leaseSeconds));
    try {
      return await inTime("claim", claim);
    } catch (error) {
      // It may come yet, and then nobody works on the event.
      claim.then(() => this.#store.release(id, token)).catch(() => {});
      throw error;
    }
  }

  /** The handler has decided by now what `run` answers: a store that fails must not change it. */
  async #reporting(operation: "finish" | "release", run: () => unknown): Promise<void> {
    try {
      await inTime(operation, run());
    } catch (error) {
      await this.#report(error, operation);
    }
  }

  async #report(error: unknown, operation: "finish" | "release"): Promise<void> {
    try {
      await this.#onStoreError(error, operation);
    } catch {
      warn(error, operation);
    }
  }
}

/** A store that hangs must not hold the request for as long as it likes. */
async function inTime<T>(operation: string, answer: T): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut(operation)), STORE_TIMEOUT_SECONDS * 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(operation: string): WebhookReplayError {
  return new WebhookReplayError(
    "replay_store_timeout",
    `The replay guard's store did not answer within ${STORE_TIMEOUT_SECONDS} s at ${operation}.`,
    "See whether it is up, and whether a connection to it is free.",
  );
}

function checkStore(store: ReplayStore): void {
  const functions = ["claim", "finish", "release"] as const;
  if (functions.every((name) => typeof store?.[name] === "function")) return;
  throw invalidOption("store", store, "Give `redisStore(client)`, another store of this package, or an object with claim, finish and release.");
}

function seconds(option: string, value: number | undefined, otherwise: number, least = 1): number {
  const whole = wholeNumber(option, value, otherwise, least);
  if (whole > MAX_SECONDS) throw invalidOption(option, whole, `Give at most ${MAX_SECONDS} seconds.`);
  return whole;
}

/** Ids of Dealix are `evt_` and 24 hex digits. All stores take these characters, in keys of this length, as they are. */
function checkId(id: unknown): void {
  if (typeof id === "string" && /^[!-~]{1,128}$/.test(id)) return;
  const received = typeof id === "string" && id !== "" ? `a string of ${id.length} characters` : describe(id);
  throw new WebhookUsageError(
    "invalid_event_id",
    `The event's id is ${received}, not 1 to 128 visible ASCII characters.`,
    "Pass the `id` of the event that was verified.",
    { received },
  );
}

function notClaimed(id: string, claim: Claim): Error {
  if (claim !== "in_progress") return invalidOption("store", claim, "Let `claim` answer claimed, in_progress or done.");
  return new WebhookReplayError(
    "delivery_in_progress",
    `The event ${id} is in hand: another request works on it, or died at it and its lease has not ended.`,
    "Answer 503, so that Dealix sends it again; the handlers of this package do.",
  );
}

function warn(error: unknown, operation: string): void {
  console.warn(`The replay guard's store failed at ${operation}: ${error}`);
}
