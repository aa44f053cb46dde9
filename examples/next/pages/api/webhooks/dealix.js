import { Webhook } from "@dealix/webhooks";

// The signature covers the bytes that arrived: Next is not to parse them.
export const config = { api: { bodyParser: false } };

const MAX_BODY_BYTES = 1024 * 1024;

export default async function handler(request, response) {
  response.status(await receive(request)).end();
}

async function receive(request) {
  if (request.method !== "POST") return 405;
  const chunks = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return 413;
    chunks.push(chunk);
  }
  // Made for each request: `next build` runs this file too, and the secret may not be set there.
  const webhook = new Webhook(process.env.DEALIX_WEBHOOK_SECRET);
  const { valid, event, error } = webhook.check(Buffer.concat(chunks), request.headers);
  if (!valid) {
    console.warn(error.message);
    return 400;
  }
  console.log(`${event.type} ${event.id}`);
  return 204;
}
