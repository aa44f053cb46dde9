export {
  durableObjectStore,
  ReplayDurableObject,
  type DurableObjectNamespaceLike,
  type DurableObjectStateLike,
} from "./replay/stores/durable-object.js";
export { WebhookReplayError } from "./errors.js";
export { kvStore, type KvNamespaceLike } from "./replay/stores/kv.js";
export { memoryStore, type MemoryStoreOptions } from "./replay/stores/memory.js";
export {
  postgresStore,
  type PostgresLike,
  type PostgresStore,
  type PostgresStoreOptions,
} from "./replay/stores/postgres.js";
export { redisStore, type RedisLike, type RedisStoreOptions } from "./replay/stores/redis.js";
export { ReplayGuard, type ReplayGuardOptions, type RunResult } from "./replay/guard.js";
export type { Claim, ReplayStore } from "./replay/store.js";
