import { atCaller, WebhookReplayError } from "../../errors.js";
import { knownOptions, wholeNumber } from "../../input/options.js";
import type { ReplayStore } from "../store.js";

export interface MemoryStoreOptions {
  /** How many events to remember: 10,000 by default. Beyond that, the events handled first are forgotten. */
  maxEntries?: number | undefined;
}

/**
 * Remembers events in this process, for as long as it runs: for a single process, and for tests. Events in progress are
 * never forgotten; when `maxEntries` events are in progress, the next claim throws `WebhookReplayError`
 * (`replay_store_full`).
 */
export function memoryStore(options: MemoryStoreOptions = {}): ReplayStore {
  const limit = atCaller(memoryStore, () => {
    const { maxEntries } = knownOptions(options, { maxEntries: undefined });
    return wholeNumber("maxEntries", maxEntries, 10_000, 1);
  });
  const inProgress = new Map<string, { token: string; expiresAt: number }>();
  /** In the order in which they were handled, each with the time at which it may be forgotten. */
  const done = new Map<string, number>();

  return {
    claim(id, token, leaseSeconds) {
      const now = Date.now();
      if ((done.get(id) ?? 0) > now) return "done";
      if ((inProgress.get(id)?.expiresAt ?? 0) > now) return "in_progress";
      done.delete(id);
      inProgress.delete(id);
      makeRoom(now);
      inProgress.set(id, { token, expiresAt: now + leaseSeconds * 1000 });
      return "claimed";
    },
    finish(id, _token, keepSeconds) {
      const expiresAt = Date.now() + keepSeconds * 1000;
      // Added here before it is removed from `inProgress`, so that an interruption cannot release it. Deleted first,
      // since an entry that is set again keeps its place in the order.
      done.delete(id);
      done.set(id, expiresAt);
      inProgress.delete(id);
    },
    release(id, token) {
      if (inProgress.get(id)?.token === token) inProgress.delete(id);
    },
  };

  function makeRoom(now: number): void {
    for (const id of done.keys()) {
      if (inProgress.size + done.size < limit) break;
      done.delete(id);
    }
    if (inProgress.size < limit) return;
    for (const [id, { expiresAt }] of inProgress) {
      if (expiresAt <= now) inProgress.delete(id);
    }
    if (inProgress.size >= limit) throw full(limit);
  }
}

function full(limit: number): WebhookReplayError {
  return new WebhookReplayError(
    "replay_store_full",
    `The replay guard's memory is full: ${limit} events are in progress.`,
    "Raise `maxEntries`, or fix handlers that never finish.",
  );
}
