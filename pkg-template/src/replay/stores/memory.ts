import { atCaller, WebhookReplayError } from "../../errors.js";
import { knownOptions, wholeNumber } from "../../input/options.js";
import type { ReplayStore } from "../store.js";

export interface MemoryStoreOptions {
  /** How many events it remembers: 10,000 by default. Beyond that it forgets those that were done first. */
  maxEntries?: number | undefined;
}

/**
 * Remembers events in this process: for one process, for tests, and for as long as it runs. What is in hand is
 * never forgotten; where `maxEntries` events are, the next claim throws `WebhookReplayError` (`replay_store_full`).
 */
export function memoryStore(options: MemoryStoreOptions = {}): ReplayStore {
  const limit = atCaller(memoryStore, () => {
    const { maxEntries } = knownOptions(options, { maxEntries: undefined });
    return wholeNumber("maxEntries", maxEntries, 10_000, 1);
  });
  const inHand = new Map<string, { token: string; expiresAt: number }>();
  /** In the order in which they were done, each with the time at which it may be forgotten. */
  const done = new Map<string, number>();

  return {
    claim(id, token, leaseSeconds) {
      const now = Date.now();
      if ((done.get(id) ?? 0) > now) return "done";
      if ((inHand.get(id)?.expiresAt ?? 0) > now) return "in_progress";
      done.delete(id);
      inHand.delete(id);
      makeRoom(now);
      inHand.set(id, { token, expiresAt: now + leaseSeconds * 1000 });
      return "claimed";
    },
    finish(id, _token, keepSeconds) {
      const expiresAt = Date.now() + keepSeconds * 1000;
      // Done before it is no longer in hand, so that no interruption frees it. Deleted first, since an entry that is set again keeps its place.
      done.delete(id);
      done.set(id, expiresAt);
      inHand.delete(id);
    },
    release(id, token) {
      if (inHand.get(id)?.token === token) inHand.delete(id);
    },
  };

  function makeRoom(now: number): void {
    for (const id of done.keys()) {
      if (inHand.size + done.size < limit) break;
      done.delete(id);
    }
    if (inHand.size < limit) return;
    for (const [id, { expiresAt }] of inHand) {
      if (expiresAt <= now) inHand.delete(id);
    }
    if (inHand.size >= limit) throw full(limit);
  }
}

function full(limit: number): WebhookReplayError {
  return new WebhookReplayError(
    "replay_store_full",
    `The replay guard's memory is full: ${limit} events are in hand.`,
    "Raise `maxEntries`, or mend handlers that do not end.",
  );
}
