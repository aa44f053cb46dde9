/** The result of a claim: the event is now the caller's, another caller is working on it, or it has been handled. */
export type Claim = "claimed" | "in_progress" | "done";

/**
 * Where a `ReplayGuard` remembers events. To use a store that is not in this package, write these three functions. `id`
 * is the event's, 1 to 128 visible ASCII characters; `token` is new for each `run`. Each function may return a promise.
 * What `claim` throws passes through `run`; what `finish` and `release` throw goes to `onStoreError`.
 */
export interface ReplayStore {
  /**
   * Marks the event as in progress for `leaseSeconds`, unless it is in progress or done. It must be one atomic step: of
   * two simultaneous callers, exactly one gets `claimed`. An expired lease does not count.
   */
  claim(id: string, token: string, leaseSeconds: number): Claim | Promise<Claim>;
  /** Marks the event as done for `keepSeconds`, even if another caller has claimed it since: the work is done. */
  finish(id: string, token: string, keepSeconds: number): unknown;
  /**
   * Releases the event if it is still in progress under this token, but never one that is done or claimed by another.
   */
  release(id: string, token: string): unknown;
}
