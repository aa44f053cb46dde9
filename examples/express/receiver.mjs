import express from "express";
import { Webhook } from "@dealix/webhooks";

const webhook = new Webhook(process.env.DEALIX_WEBHOOK_SECRET);
const app = express();

// The raw body, whatever its type. This route stands before any app.use(express.json()).
app.post("/webhooks/dealix", express.raw({ type: () => true, limit: "1mb" }), (request, response) => {
  const { valid, event, error } = webhook.check(request.body, request.headers);
  if (!valid) {
    console.warn(error.message);
    return response.status(400).end();
  }
  console.log(`${event.type} ${event.id}`);
  response.status(204).end();
});

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`listening on http://localhost:${server.address().port}/webhooks/dealix`);
});
