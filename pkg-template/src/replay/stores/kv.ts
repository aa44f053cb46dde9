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

/** KV lets nothing expire sooner. */
const LEAST_TTL_SECONDS = 60;

/**
 * Remembers events in Cloudflare KV, which closes less than the other stores do: KV has no atomic step and shows a
 * write elsewhere up to 60 s later. So two deliveries of one event at the same moment can both run the handler, and so can two in
 * different places within a minute. A duplicate that comes later is caught. Where that is not enough use
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
    // KV takes one write a second for a key, and a handler may be faster: hence two keys.
    finish: (id, token, keepSeconds) => put(doneKey(id), keepSeconds, token),
    async release(id, token) {
      const claim = await namespace.get(claimKey(id));
      if (claim?.endsWith(` ${token}`)) await namespace.delete(claimKey(id));
    },
  };

  /** The time at which it ends stands in the value, since KV's own may be late. */
  async function put(key: string, seconds: number, token: string): Promise<void> {
    await namespace.put(key, `${Date.now() + seconds * 1000} ${token}`, { expirationTtl: Math.max(seconds, LEAST_TTL_SECONDS) });
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
    throw invalidOption("namespace", namespace, "Bind a KV namespace in wrangler.toml and pass it: `kvStore(env.NAME)`.");
  }
  for (const name of ["get", "put", "delete"] as const) callable(`namespace.${name}`, namespace[name]);
}
