import { Elysia } from "elysia";
import { fetchHandler } from "@dealix/webhooks";

const receive = fetchHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

const app = new Elysia()
  // Without `parse: "none"`, Elysia reads the body as soon as a handler or a plugin names it.
  .post("/webhooks/dealix", ({ request }) => receive(request), { parse: "none" })
  .listen(process.env.PORT ?? 3000);

console.log(`listening on http://localhost:${app.server?.port}/webhooks/dealix`);
