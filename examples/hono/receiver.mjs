import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { fetchHandler } from "@dealix/webhooks";

const receive = fetchHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent });
const app = new Hono();

app.post("/webhooks/dealix", (context) => receive(context.req.raw));

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`listening on http://localhost:${port}/webhooks/dealix`);
});
