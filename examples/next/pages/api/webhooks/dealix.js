import { nodeHandler } from "@dealix/webhooks/node";

// The signature covers the bytes that arrive: Next is not to parse them.
export const config = { api: { bodyParser: false } };

// Made for each request: `next build` runs this file too, and the secret may not be set there.
export default (request, response) => nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent })(request, response);

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}
