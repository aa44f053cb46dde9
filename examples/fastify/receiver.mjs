import Fastify from "fastify";
import { nodeHandler } from "@dealix/webhooks/node";

const app = Fastify();

// In `onRequest`, since Fastify parses the body after it: the signature covers the bytes that arrive.
app.post(
  "/webhooks/dealix",
  { onRequest: nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent }) },
  () => {},
);

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}

await app.listen({ port: process.env.PORT ?? 3000 });
console.log(`listening on http://localhost:${app.server.address().port}/webhooks/dealix`);
