import { atCaller, WebhookConfigurationError } from "../../errors.js";
import { callable, invalidOption } from "../../input/options.js";
import type { Claim, ReplayStore } from "../store.js";

/** A Durable Object namespace of Cloudflare Workers. */
export interface DurableObjectNamespaceLike {
  idFromName(name: string): unknown;
  // The parameter is Cloudflare's own type of ids, which this package does not know.
  get(id: any): { fetch(url: string, init: { method: string; body: string }): Promise<AnswerLike> };
}

interface AnswerLike {
  readonly status: number;
  text(): Promise<string>;
}

/** What `ReplayDurableObject` uses of its state; the class is to be declared in `new_sqlite_classes`. */
export interface DurableObjectStateLike {
  readonly storage: {
    readonly sql: { exec(query: string, ...bindings: (string | number | null)[]): { toArray(): Record<string, unknown>[] } };
    getAlarm(): Promise<number | null>;
    setAlarm(time: number): Promise<void>;
  };
}

/**
 * Events are spread over this many objects. One an event would be a database to make, an alarm to run and 12 kB to
 * pay for each; one for all would have to do all the work. These stay warm, and sweep many events with one alarm.
 */
const OBJECTS = 16;

const SWEEP_MILLISECONDS = 60 * 60 * 1000;

/**
 * Remembers events in Durable Objects of the class `ReplayDurableObject`, which your Worker exports:
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
    const answer = await object.fetch("https://dealix-replay/", { method: "POST", body: JSON.stringify(words) });
    if (answer.status === 200) return answer.text();
    throw new WebhookConfigurationError(
      "invalid_option",
      `The Durable Object of the namespace answered ${answer.status}.`,
      "Bind the namespace to the class ReplayDurableObject, under `new_sqlite_classes`.",
      { option: "namespace" },
    );
  }
}

type Call = [operation: "claim" | "finish" | "release", id: string, token: string, seconds: number];

/** The Durable Object behind `durableObjectStore`: export it from your Worker and bind it; it is not to be called by you. */
export class ReplayDurableObject {
  /** Cloudflare's types ask for it in the class of a namespace. @internal */
  declare readonly __DURABLE_OBJECT_BRAND: never;
  readonly #storage: DurableObjectStateLike["storage"];

  constructor({ storage }: DurableObjectStateLike) {
    this.#storage = storage;
    // The token is null once the event is done.
    this.#sql("create table if not exists events (id text primary key, token text, expires_at integer not null)");
    this.#sql("create index if not exists events_expires_at on events (expires_at)");
  }

  /** One call of the store: what is between two `await`s is atomic, since an object has one thread. */
  async fetch(request: Request): Promise<Response> {
    const [operation, id, token, seconds] = (await request.json()) as Call;
    const expiresAt = Date.now() + seconds * 1000;
    const answer = this.#perform(operation, id, token, expiresAt);
    if ((await this.#storage.getAlarm()) === null) await this.#sweepLater();
    return new Response(answer);
  }

  /** Forgets what has expired; Cloudflare calls it at the time that was set. */
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
    throw invalidOption("namespace", namespace, "Bind ReplayDurableObject in wrangler.toml and pass it: `durableObjectStore(env.NAME)`.");
  }
  for (const name of ["idFromName", "get"] as const) callable(`namespace.${name}`, namespace[name]);
}
