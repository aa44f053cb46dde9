import { atCaller } from "../../errors.js";
import { invalidOption, knownOptions } from "../../input/options.js";
import type { ReplayStore } from "../store.js";

/** A client from `redis` (node-redis) or `ioredis`, or anything that sends commands the way one of them does. */
export type RedisLike =
  | { sendCommand(words: string[]): Promise<unknown> }
  | { call(command: string, ...words: string[]): Promise<unknown> };

export interface RedisStoreOptions {
  /** The start of each key: `dealix:replay:` by default. */
  prefix?: string | undefined;
}

/** Deletes the key if it still holds this token. Once the event is done, it holds no token. */
const RELEASE = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0`;
const DONE = "done";

/**
 * Remembers events in Redis, one key per event, which Redis lets expire. Each command names one key, so it works in a
 * cluster.
 *
 * ```js
 * // node-redis
 * const guard = new ReplayGuard(redisStore(await createClient({ url, disableOfflineQueue: true }).connect()));
 * // ioredis, or its Cluster
 * const guard = new ReplayGuard(redisStore(new Redis(url)));
 * ```
 */
export function redisStore(client: RedisLike, options: RedisStoreOptions = {}): ReplayStore {
  const [prefix, send] = atCaller(redisStore, () => [prefixIn(options), sender(client)]);
  return {
    async claim(id, token, leaseSeconds) {
      const isClaimed = await send("SET", prefix + id, token, "NX", "PX", milliseconds(leaseSeconds));
      if (isClaimed !== null) return "claimed";
      const held = String(await send("GET", prefix + id));
      // A client that lost its connection may have sent the SET twice, and the first one succeeded.
      if (held === token) return "claimed";
      // If the key is gone by now, it was released or has expired: the next delivery can claim it.
      return held === DONE ? "done" : "in_progress";
    },
    finish: (id, _token, keepSeconds) => send("SET", prefix + id, DONE, "PX", milliseconds(keepSeconds)),
    release: (id, token) => send("EVAL", RELEASE, "1", prefix + id, token),
  };
}

function prefixIn(options: RedisStoreOptions): string {
  const { prefix = "dealix:replay:" } = knownOptions(options, { prefix: undefined });
  if (typeof prefix !== "string") throw invalidOption("prefix", prefix, "Pass a string.");
  return prefix;
}

/** ioredis has a `sendCommand` too, but a different one, so `call` is tried first. */
function sender(client: RedisLike): (command: string, ...words: string[]) => Promise<unknown> {
  if (typeof client === "object" && client !== null) {
    if ("call" in client) return (command, ...words) => client.call(command, ...words);
    if ("sendCommand" in client) return (...words) => client.sendCommand(words);
  }
  throw invalidOption(
    "client",
    client,
    "Pass a client from `redis` or `ioredis`, or an object with `sendCommand(words)`.",
  );
}

function milliseconds(seconds: number): string {
  return String(seconds * 1000);
}
