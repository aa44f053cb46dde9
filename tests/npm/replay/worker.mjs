// A Worker that runs the behaviours of the two stores of Cloudflare, and events and sweeps that a test asks for.
import * as webhooks from "@dealix/webhooks";
import * as replay from "@dealix/webhooks/replay";
import * as testing from "@dealix/webhooks/testing";
import { replayBehaviours } from "../suite/replay-behaviours.mjs";

const stores = {
  "durable-object": (env) => replay.durableObjectStore(env.REPLAY_GUARD),
  kv: (env) => replay.kvStore(env.EVENTS),
};

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const store = stores[searchParams.get("store")](env);
    switch (pathname) {
      case "/behaviours": {
        const isAtomic = searchParams.get("store") !== "kv";
        return Response.json(await results(replayBehaviours({ webhooks, testing, replay }, store, { isAtomic })));
      }
      case "/run": {
        const options = { leaseSeconds: 1, keepSeconds: Number(searchParams.get("keep") ?? 3600) };
        return Response.json(await new replay.ReplayGuard(store, options).run(searchParams.get("id"), () => "ran"));
      }
      case "/claim":
        return new Response(await store.claim(searchParams.get("id"), "of one that died", 3600));
    }
  },
};

/** The guard's object, which a test can look into, and whose alarm it can bring forward. */
export class ReplayDurableObject extends replay.ReplayDurableObject {
  #storage;

  constructor(state) {
    super(state);
    this.#storage = state.storage;
  }

  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/sweep-now") await this.#storage.setAlarm(Date.now());
    if (pathname === "/") return super.fetch(request);
    return Response.json({
      rows: this.#storage.sql.exec("select id, token from events").toArray(),
      alarm: await this.#storage.getAlarm(),
    });
  }
}

async function results(checks) {
  const list = [];
  for (const [name, run] of Object.entries(checks)) {
    try {
      await run();
      list.push({ name });
    } catch (error) {
      list.push({ name, error: String(error?.stack ?? error) });
    }
  }
  return list;
}
