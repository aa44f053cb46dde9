// Compile-time tests: the stores accept a Worker's bindings, with Cloudflare's own types.
import { fetchHandler } from "@dealix/webhooks";
import { durableObjectStore, kvStore, ReplayDurableObject, ReplayGuard } from "@dealix/webhooks/replay";

export { ReplayDurableObject };

interface Env {
  DEALIX_WEBHOOK_SECRET: string;
  EVENTS: KVNamespace;
  REPLAY_GUARD: DurableObjectNamespace;
  // As written by `wrangler types`.
  TYPED: DurableObjectNamespace<import("@dealix/webhooks/replay").ReplayDurableObject>;
}

export default {
  fetch(request, env) {
    new ReplayGuard(kvStore(env.EVENTS));
    new ReplayGuard(durableObjectStore(env.TYPED));
    // @ts-expect-error: a KV namespace has no objects
    durableObjectStore(env.EVENTS);
    const guard = new ReplayGuard(durableObjectStore(env.REPLAY_GUARD));
    return fetchHandler({ secret: env.DEALIX_WEBHOOK_SECRET, onEvent: (event) => guard.run(event.id, () => {}) })(
      request,
    );
  },
} satisfies ExportedHandler<Env>;

new ReplayDurableObject({} as DurableObjectState) satisfies DurableObject;
