import { fetchHandler } from "@dealix/webhooks";

// Created for each request, since `next build` runs this file too, where the secret may not be set.
export const POST = (request) => fetchHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent })(request);

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}
