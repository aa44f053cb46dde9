import { type DealixEvent, fetchHandler } from "@dealix/webhooks";

// A function, because the build has no secret.
const receive = fetchHandler({ secret: () => process.env.DEALIX_WEBHOOK_SECRET, onEvent });

export default fromWebHandler(receive);

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
