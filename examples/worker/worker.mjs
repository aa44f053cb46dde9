import { fetchHandler } from "@dealix/webhooks";

export default {
  fetch: (request, env) => fetchHandler({ secret: env.DEALIX_WEBHOOK_SECRET, onEvent })(request),
};

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}
