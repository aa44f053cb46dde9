import { fetchHandler } from "@dealix/webhooks";
import { durableObjectStore, ReplayGuard } from "@dealix/webhooks/replay";

export { ReplayDurableObject } from "@dealix/webhooks/replay";

export default {
  fetch(request, env) {
    const guard = new ReplayGuard(durableObjectStore(env.REPLAY_GUARD));
    const onEvent = (event) => guard.run(event.id, () => work(event));
    return fetchHandler({ secret: env.DEALIX_WEBHOOK_SECRET, onEvent })(request);
  },
};

async function work(event) {
  console.log(`${event.type} ${event.id}`);
}
