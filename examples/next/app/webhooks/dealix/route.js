import { fetchHandler } from "@dealix/webhooks";

// Made for each request: `next build` runs this file too, and the secret may not be set there.
export const POST = (request) => fetchHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent })(request);

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}
