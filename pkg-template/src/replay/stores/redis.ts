import { atCaller } from "../../errors.js";
import { invalidOption, knownOptions } from "../../input/options.js";
import type { ReplayStore } from "../store.js";

/** A client of `redis` (node-redis) or of `ioredis`, or what sends a command in the way that one of them does. */
export type RedisLike =
  | { sendCommand(words: string[]): Promise<unknown> }
  | { call(command: string, ...words: string[]): Promise<unknown> };

export interface RedisStoreOptions {
  /** What each key begins with: `dealix:replay:` by default. */
  prefix?: string | undefined;
}

/** Deletes the key if it is still this token's; the token of one that is done is none. */
const RELEASE = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0`;
const DONE = "done";

/**
 * Remembers events in Redis, one key an event, which Redis lets expire. Each command names one key, so that a cluster takes them.
 *
 * ```js
 * const guard = new ReplayGuard(redisStore(await createClient({ url, disableOfflineQueue: true }).connect())); // node-redis
 * const guard = new ReplayGuard(redisStore(new Redis(url))); // ioredis, or its Cluster
 * ```
 */
export function redisStore(client: RedisLike, options: RedisStoreOptions = {}): ReplayStore {
  const [prefix, send] = atCaller(redisStore, () => [prefixIn(options), sender(client)]);
  return {
    async claim(id, token, leaseSeconds) {
      const isClaimed = await send("SET", prefix + id, token, "NX", "PX", milliseconds(leaseSeconds));
      if (isClaimed !== null) return "claimed";
      const held = String(await send("GET", prefix + id));
      // A client that lost its connection may have sent the SET twice, and the first one claimed.
      if (held === token) return "claimed";
      // A key that is gone by now was released or ran out: the next delivery gets it.
      return held === DONE ? "done" : "in_progress";
    },
    finish: (id, _token, keepSeconds) => send("SET", prefix + id, DONE, "PX", milliseconds(keepSeconds)),
    release: (id, token) => send("EVAL", RELEASE, "1", prefix + id, token),
  };
}

function prefixIn(options: RedisStoreOptions): string {
  const { prefix = "dealix:replay:" } = knownOptions(options, { prefix: undefined });
  if (typeof prefix !== "string") throw invalidOption("prefix", prefix, "Give a string.");
  return prefix;
}

/** ioredis has a `sendCommand` too, of another kind, so `call` is looked for first. */
function sender(client: RedisLike): (command: string, ...words: string[]) => Promise<unknown> {
  if (typeof client === "object" && client !== null) {
    if ("call" in client) return (command, ...words) => client.call(command, ...words);
    if ("sendCommand" in client) return (...words) => client.sendCommand(words);
  }
  throw invalidOption("client", client, "Give a client of `redis` or `ioredis`, or an object with `sendCommand(words)`.");
}

function milliseconds(seconds: number): string {
  return String(seconds * 1000);
}
