export {
  durableObjectStore,
  ReplayDurableObject,
  type DurableObjectNamespaceLike,
  type DurableObjectStateLike,
} from "./durable-object-store.js";
export { WebhookReplayError } from "./errors.js";
export { kvStore, type KvNamespaceLike } from "./kv-store.js";
export { memoryStore, type MemoryStoreOptions } from "./memory-store.js";
export { postgresStore, type PostgresLike, type PostgresStore, type PostgresStoreOptions } from "./postgres-store.js";
export { redisStore, type RedisLike, type RedisStoreOptions } from "./redis-store.js";
export { ReplayGuard, type ReplayGuardOptions, type RunResult } from "./replay-guard.js";
export type { Claim, ReplayStore } from "./replay-store.js";
