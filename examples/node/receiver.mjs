import { createServer } from "node:http";
import { nodeHandler } from "@dealix/webhooks/node";

const handler = nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent });

const server = createServer((request, response) => {
  if (request.url === "/webhooks/dealix") return handler(request, response);
  response.writeHead(404).end();
});

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}

server.listen(process.env.PORT ?? 3000, () => {
  console.log(`listening on http://localhost:${server.address().port}/webhooks/dealix`);
});
