import { atCaller, describe, WebhookReplayError, WebhookUsageError } from "../errors.js";
import { memoryStore } from "./stores/memory.js";
import { callable, invalidOption, knownOptions, wholeNumber } from "../input/options.js";
import type { Claim, ReplayStore } from "./store.js";

/** Dealix retries 330 s after an attempt whose receiver died: by then the lease has expired. */
const DEFAULT_LEASE_SECONDS = 300;

/** Three days: Dealix's last attempt is 30 h 35 min after the first. */
const DEFAULT_KEEP_SECONDS = 3 * 24 * 60 * 60;

/** Dealix waits 10 s for a response, and the handler needs some of that. */
const STORE_TIMEOUT_SECONDS = 5;

/** 68 years. Some stores cannot represent more seconds. */
const MAX_SECONDS = 2 ** 31 - 1;

const OPTIONS = { leaseSeconds: undefined, keepSeconds: undefined, onStoreError: undefined };

export interface ReplayGuardOptions {
  /**
   * How long a claim lasts, in seconds: 300 by default. If the process dies in the handler, the event can be claimed
   * again after that time. Make it longer than your slowest handler, and no shorter than `maxAgeSeconds`.
   */
  leaseSeconds?: number | undefined;
  /** How long a handled event is remembered, in seconds: three days by default, at least `leaseSeconds`. */
  keepSeconds?: number | undefined;
  /**
   * Called when the store fails after the handler has run, which does not change the result of `run`: `operation` is
   * what failed. Writes to `console.warn` by default.
   */
  onStoreError?: ((error: unknown, operation: "finish" | "release") => unknown) | undefined;
}

/** What `run` resolves with: the handler's value, or that the event has been handled before. */
export type RunResult<T> =
  | { readonly duplicate: false; readonly value: T }
  | { readonly duplicate: true; readonly value?: undefined };

/**
 * Runs a handler once per event, however often the event is delivered or replayed.
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

  /** Throws `WebhookConfigurationError` for anything that is not a store, and for an invalid option. */
  constructor(store: ReplayStore = memoryStore(), options: ReplayGuardOptions = {}) {
    this.#store = store;
    [this.#leaseSeconds, this.#keepSeconds, this.#onStoreError] = atCaller(ReplayGuard, () => {
      const { leaseSeconds, keepSeconds, onStoreError = warn } = knownOptions(options, OPTIONS);
      checkStore(store);
      callable("onStoreError", onStoreError);
      const lease = seconds("leaseSeconds", leaseSeconds, DEFAULT_LEASE_SECONDS);
      return [lease, seconds("keepSeconds", keepSeconds, Math.max(DEFAULT_KEEP_SECONDS, lease), lease), onStoreError];
    });
  }

  /**
   * Claims the event, runs the handler, and marks the event as done. `id` is the `id` of a verified event. If several
   * endpoints share a store, put a name in front (`billing:${event.id}`), since each of them receives the event.
   *
   * - The event has been handled before: the handler is not run, and this resolves, so that the response is 204.
   * - It is in progress: throws `WebhookReplayError` (`delivery_in_progress`), for which the handlers respond 503, so
   *   that Dealix retries. A 2xx would lose the event if the work in progress failed.
   * - The handler throws: the event is released, and the error passes through. Dealix retries.
   * - The store cannot be reached: its error passes through, and the handler is not run. Dealix retries.
   * - The store does not respond within 5 s: throws `WebhookReplayError` (`replay_store_timeout`), and the handler is
   *   not run.
   * - The store fails after the handler has run: this resolves anyway, since the work is done, and `onStoreError` is
   *   called. The event stays in progress until the lease ends; a delivery of it after that runs the handler again.
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
      // The claim may still succeed later, and then nobody works on the event.
      claim.then(() => this.#store.release(id, token)).catch(() => {});
      throw error;
    }
  }

  /** The handler has already decided the result of `run`: a failing store must not change it. */
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

/** A store that hangs must not hold up the request indefinitely. */
async function inTime<T>(operation: string, result: T): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut(operation)), STORE_TIMEOUT_SECONDS * 1000);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(operation: string): WebhookReplayError {
  return new WebhookReplayError(
    "replay_store_timeout",
    `The replay guard's store did not respond to ${operation} within ${STORE_TIMEOUT_SECONDS} s.`,
    "Check that it is up, and that a connection to it is free.",
  );
}

function checkStore(store: ReplayStore): void {
  const functions = ["claim", "finish", "release"] as const;
  if (functions.every((name) => typeof store?.[name] === "function")) return;
  throw invalidOption(
    "store",
    store,
    "Pass `redisStore(client)`, another store from this package, or an object with claim, finish and release.",
  );
}

function seconds(option: string, value: number | undefined, otherwise: number, least = 1): number {
  const whole = wholeNumber(option, value, otherwise, least);
  if (whole > MAX_SECONDS) throw invalidOption(option, whole, `Pass at most ${MAX_SECONDS} seconds.`);
  return whole;
}

/**
 * Dealix's ids are `evt_` and 24 hex digits. Every store accepts these characters, and keys of this length, unchanged.
 */
function checkId(id: unknown): void {
  if (typeof id === "string" && /^[!-~]{1,128}$/.test(id)) return;
  const received = typeof id === "string" && id !== "" ? `a string of ${id.length} characters` : describe(id);
  throw new WebhookUsageError(
    "invalid_event_id",
    `The event's id is ${received}, not 1 to 128 visible ASCII characters.`,
    "Pass the `id` of the verified event.",
    { received },
  );
}

function notClaimed(id: string, claim: Claim): Error {
  if (claim !== "in_progress") return invalidOption("store", claim, "Let `claim` return claimed, in_progress or done.");
  return new WebhookReplayError(
    "delivery_in_progress",
    `The event ${id} is in progress: another request is working on it, or a process died while doing so and its lease has not ended.`,
    "Respond 503, so that Dealix sends it again; the handlers of this package do.",
  );
}

function warn(error: unknown, operation: string): void {
  console.warn(`The replay guard's store failed at ${operation}: ${error}`);
}
