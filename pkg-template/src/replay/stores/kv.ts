import { atCaller } from "../../errors.js";
import { callable, invalidOption } from "../../input/options.js";
import type { ReplayStore } from "../store.js";

/** A KV namespace of Cloudflare Workers. */
export interface KvNamespaceLike {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options: { expirationTtl: number }): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

const PREFIX = "dealix:replay:";

/** The shortest expiry that KV accepts. */
const LEAST_TTL_SECONDS = 60;

/**
 * Remembers events in Cloudflare KV, which protects less than the other stores: KV has no atomic operation, and a write
 * becomes visible in other places up to 60 s later. So two simultaneous deliveries of an event can both run the
 * handler, and so can two in different places within a minute. Later duplicates are caught. If that is not enough, use
 * `durableObjectStore`.
 */
export function kvStore(namespace: KvNamespaceLike): ReplayStore {
  atCaller(kvStore, () => checkNamespace(namespace));
  return {
    async claim(id, token, leaseSeconds) {
      const [done, claim] = await Promise.all([namespace.get(doneKey(id)), namespace.get(claimKey(id))]);
      if (isCurrent(done)) return "done";
      if (isCurrent(claim)) return "in_progress";
      await put(claimKey(id), leaseSeconds, token);
      return "claimed";
    },
    // KV accepts one write a second for each key, and a handler may be faster: hence two keys.
    finish: (id, token, keepSeconds) => put(doneKey(id), keepSeconds, token),
    async release(id, token) {
      const claim = await namespace.get(claimKey(id));
      if (claim?.endsWith(` ${token}`)) await namespace.delete(claimKey(id));
    },
  };

  /** The value contains the expiry time, since KV's own expiry may be late. */
  async function put(key: string, seconds: number, token: string): Promise<void> {
    const expirationTtl = Math.max(seconds, LEAST_TTL_SECONDS);
    await namespace.put(key, `${Date.now() + seconds * 1000} ${token}`, { expirationTtl });
  }
}

function isCurrent(value: string | null): boolean {
  return value !== null && Number(value.split(" ")[0]) > Date.now();
}

function claimKey(id: string): string {
  return `${PREFIX}claim:${id}`;
}

function doneKey(id: string): string {
  return `${PREFIX}done:${id}`;
}

function checkNamespace(namespace: KvNamespaceLike): void {
  if (typeof namespace !== "object" || namespace === null) {
    const advice = "Bind a KV namespace in wrangler.jsonc and pass it: `kvStore(env.NAME)`.";
    throw invalidOption("namespace", namespace, advice);
  }
  for (const name of ["get", "put", "delete"] as const) callable(`namespace.${name}`, namespace[name]);
}
