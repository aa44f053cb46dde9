import Fastify from "fastify";
import { nodeHandler } from "@dealix/webhooks/node";

const app = Fastify();

const receive = nodeHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

// In `onRequest`, since Fastify parses the body after it: the signature covers the bytes that arrive.
app.post("/webhooks/dealix", { onRequest: receive }, () => {});

const port = Number(process.env.PORT ?? 3000);
await app.listen({ port });
console.log(`listening on http://localhost:${port}/webhooks/dealix`);
