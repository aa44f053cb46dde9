import { atCaller, WebhookConfigurationError } from "../../errors.js";
import { callable, invalidOption } from "../../input/options.js";
import type { Claim, ReplayStore } from "../store.js";

/** A Durable Object namespace of Cloudflare Workers. */
export interface DurableObjectNamespaceLike {
  idFromName(name: string): unknown;
  // The parameter is Cloudflare's own id type, which this package does not depend on.
  get(id: any): { fetch(url: string, init: { method: string; body: string }): Promise<ResponseLike> };
}

interface ResponseLike {
  readonly status: number;
  text(): Promise<string>;
}

/** The parts of its state that `ReplayDurableObject` uses. Declare the class in `new_sqlite_classes`. */
export interface DurableObjectStateLike {
  readonly storage: {
    readonly sql: {
      exec(query: string, ...bindings: (string | number | null)[]): { toArray(): Record<string, unknown>[] };
    };
    getAlarm(): Promise<number | null>;
    setAlarm(time: number): Promise<void>;
  };
}

/**
 * Events are spread over this many objects. One object per event would cost a new database, an alarm and 12 kB for
 * each; one object for all events would have to do all the work. These stay warm, and delete many expired events with
 * one alarm.
 */
const OBJECTS = 16;

const SWEEP_MILLISECONDS = 60 * 60 * 1000;

/**
 * Remembers events in Durable Objects of the class `ReplayDurableObject`, which your Worker must export:
 *
 * ```js
 * export { ReplayDurableObject } from "@dealix/webhooks/replay";
 * const guard = new ReplayGuard(durableObjectStore(env.REPLAY_GUARD));
 * ```
 *
 * ```toml
 * [[durable_objects.bindings]]
 * name = "REPLAY_GUARD"
 * class_name = "ReplayDurableObject"
 *
 * [[migrations]]
 * tag = "v1"
 * new_sqlite_classes = ["ReplayDurableObject"]
 * ```
 */
export function durableObjectStore(namespace: DurableObjectNamespaceLike): ReplayStore {
  atCaller(durableObjectStore, () => checkNamespace(namespace));
  return {
    claim: async (id, token, seconds) => (await call("claim", id, token, seconds)) as Claim,
    finish: (id, token, seconds) => call("finish", id, token, seconds),
    release: (id, token) => call("release", id, token, 0),
  };

  async function call(...words: Call): Promise<string> {
    const object = namespace.get(namespace.idFromName(`dealix-replay-${objectOf(words[1])}`));
    const response = await object.fetch("https://dealix-replay/", { method: "POST", body: JSON.stringify(words) });
    if (response.status === 200) return response.text();
    throw new WebhookConfigurationError(
      "invalid_option",
      `The namespace's Durable Object responded ${response.status}.`,
      "Bind the namespace to the class ReplayDurableObject, under `new_sqlite_classes`.",
      { option: "namespace" },
    );
  }
}

type Call = [operation: "claim" | "finish" | "release", id: string, token: string, seconds: number];

/** The Durable Object behind `durableObjectStore`: export it from your Worker and bind it. Do not call it yourself. */
export class ReplayDurableObject {
  /** Cloudflare's types require it in the class of a namespace. @internal */
  declare readonly __DURABLE_OBJECT_BRAND: never;
  readonly #storage: DurableObjectStateLike["storage"];

  constructor({ storage }: DurableObjectStateLike) {
    this.#storage = storage;
    // The token is null once the event is done.
    this.#sql("create table if not exists events (id text primary key, token text, expires_at integer not null)");
    this.#sql("create index if not exists events_expires_at on events (expires_at)");
  }

  /** One call of the store. Everything between two `await`s is atomic, since an object has one thread. */
  async fetch(request: Request): Promise<Response> {
    const [operation, id, token, seconds] = (await request.json()) as Call;
    const expiresAt = Date.now() + seconds * 1000;
    const result = this.#perform(operation, id, token, expiresAt);
    if ((await this.#storage.getAlarm()) === null) await this.#sweepLater();
    return new Response(result);
  }

  /** Deletes expired events. Cloudflare calls this at the time that was set. */
  async alarm(): Promise<void> {
    this.#sql("delete from events where expires_at <= ?", Date.now());
    if (this.#sql("select 1 from events limit 1").length > 0) await this.#sweepLater();
  }

  #perform(operation: Call[0], id: string, token: string, expiresAt: number): string {
    switch (operation) {
      case "claim":
        return this.#claim(id, token, expiresAt);
      case "finish":
        this.#set(id, null, expiresAt);
        return "";
      case "release":
        this.#sql("delete from events where id = ? and token = ?", id, token);
        return "";
    }
  }

  #claim(id: string, token: string, expiresAt: number): Claim {
    const [event] = this.#sql("select token from events where id = ? and expires_at > ?", id, Date.now());
    if (event) return event["token"] === null ? "done" : "in_progress";
    this.#set(id, token, expiresAt);
    return "claimed";
  }

  #set(id: string, token: string | null, expiresAt: number): void {
    this.#sql("insert or replace into events (id, token, expires_at) values (?, ?, ?)", id, token, expiresAt);
  }

  #sweepLater(): Promise<void> {
    return this.#storage.setAlarm(Date.now() + SWEEP_MILLISECONDS);
  }

  #sql(query: string, ...bindings: (string | number | null)[]): Record<string, unknown>[] {
    return this.#storage.sql.exec(query, ...bindings).toArray();
  }
}

function objectOf(id: string): number {
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) >>> 0;
  return hash % OBJECTS;
}

function checkNamespace(namespace: DurableObjectNamespaceLike): void {
  if (typeof namespace !== "object" || namespace === null) {
    const advice = "Bind ReplayDurableObject in wrangler.jsonc and pass it: `durableObjectStore(env.NAME)`.";
    throw invalidOption("namespace", namespace, advice);
  }
  for (const name of ["idFromName", "get"] as const) callable(`namespace.${name}`, namespace[name]);
}
