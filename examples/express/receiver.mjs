import express from "express";
import { nodeHandler } from "@dealix/webhooks/node";

const app = express();

// Above any app.use(express.json()): the signature covers the bytes that arrive.
app.post(
  "/webhooks/dealix",
  nodeHandler({
    secret: process.env.DEALIX_WEBHOOK_SECRET,
    async onEvent(event) {
      console.log(`${event.type} ${event.id}`);
    },
  }),
);

const port = Number(process.env.PORT ?? 3000);
app.listen(port, (error) => {
  if (error) throw error;
  console.log(`listening on http://localhost:${port}/webhooks/dealix`);
});
