/** What a claim finds: the event is now the caller's, another has it in hand, or it was handled. */
export type Claim = "claimed" | "in_progress" | "done";

/**
 * Where a `ReplayGuard` remembers events. To use a store that is not in this package, write these three functions.
 * `id` is the event's, 1 to 128 visible ASCII characters; `token` is a fresh one for each `run`. Each function may
 * return a promise, and what it throws passes through `run` (`claim`) or is reported (`finish`, `release`).
 */
export interface ReplayStore {
  /**
   * Marks the event as in hand for `leaseSeconds`, unless it is in hand or done. It must be one atomic step: of two
   * callers at the same moment, one gets `claimed`. A lease that ran out counts for nothing.
   */
  claim(id: string, token: string, leaseSeconds: number): Claim | Promise<Claim>;
  /** Marks the event as done for `keepSeconds`, whoever has it in hand by now: the work is done. */
  finish(id: string, token: string, keepSeconds: number): unknown;
  /** Lets the event go if it is still in hand under this token. It never lets go of what is done, or another's. */
  release(id: string, token: string): unknown;
}
