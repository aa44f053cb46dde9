import { fetchHandler } from "@dealix/webhooks";

// A function, because `next build` runs this file too, where the secret may not be set.
export const POST = fetchHandler({ secret: () => process.env.DEALIX_WEBHOOK_SECRET, onEvent });

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}
