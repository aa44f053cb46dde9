import { fetchHandler } from "@dealix/webhooks";

const receive = fetchHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

const server = Bun.serve({
  port: process.env.PORT ?? 3000,
  routes: { "/webhooks/dealix": (request) => receive(request) },
});
console.log(`listening on http://localhost:${server.port}/webhooks/dealix`);
