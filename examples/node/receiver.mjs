import { createServer } from "node:http";
import { Webhook } from "@dealix/webhooks";

const webhook = new Webhook(process.env.DEALIX_WEBHOOK_SECRET);
const MAX_BODY_BYTES = 1024 * 1024;

const server = createServer(async (request, response) => {
  const status = await receive(request).catch((error) => (console.error(error), 500));
  response.writeHead(status, { Connection: "close" }).end();
});

async function receive(request) {
  if (request.method !== "POST" || request.url !== "/webhooks/dealix") return 404;
  const chunks = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return 413;
    chunks.push(chunk);
  }
  const { valid, event, error } = webhook.check(Buffer.concat(chunks), request.headers);
  if (!valid) {
    console.warn(error.message);
    return 400;
  }
  console.log(`${event.type} ${event.id}`);
  return 204;
}

server.listen(process.env.PORT ?? 3000, () => {
  console.log(`listening on http://localhost:${server.address().port}/webhooks/dealix`);
});
