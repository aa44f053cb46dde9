import { nodeHandler } from "@dealix/webhooks/node";

// The signature covers the bytes that arrive, so Next must not parse them.
export const config = { api: { bodyParser: false } };

// Created for each request, since `next build` runs this file too, where the secret may not be set.
export default (request, response) =>
  nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent })(request, response);

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}
