import { createServer } from "node:http";
import { nodeHandler } from "@dealix/webhooks/node";

const receive = nodeHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

const server = createServer((request, response) => {
  if (request.url === "/webhooks/dealix") return receive(request, response);
  response.writeHead(404).end();
});

const port = Number(process.env.PORT ?? 3000);
server.listen(port, () => console.log(`listening on http://localhost:${port}/webhooks/dealix`));
