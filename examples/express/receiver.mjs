import express from "express";
import { nodeHandler } from "@dealix/webhooks/node";

const app = express();

// Above any app.use(express.json()): the signature covers the bytes that arrive.
app.post("/webhooks/dealix", nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent }));

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`listening on http://localhost:${server.address().port}/webhooks/dealix`);
});
