import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { fetchHandler } from "@dealix/webhooks";

const app = new Hono();

const receive = fetchHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

app.post("/webhooks/dealix", (c) => receive(c.req.raw));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`listening on http://localhost:${port}/webhooks/dealix`);
});
