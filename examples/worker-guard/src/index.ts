import { env } from "cloudflare:workers";
import { fetchHandler } from "@dealix/webhooks";
import { durableObjectStore, ReplayGuard } from "@dealix/webhooks/replay";

export { ReplayDurableObject } from "@dealix/webhooks/replay";

const guard = new ReplayGuard(durableObjectStore(env.REPLAY_GUARD));

export default {
  fetch: fetchHandler({
    secret: () => env.DEALIX_WEBHOOK_SECRET,
    onEvent: (event) =>
      guard.run(event.id, async () => {
        console.log(`${event.type} ${event.id}`);
      }),
  }),
} satisfies ExportedHandler<Env>;
