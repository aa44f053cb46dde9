import { type DealixEvent, fetchHandler } from "@dealix/webhooks";

export const POST = fetchHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent });

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
