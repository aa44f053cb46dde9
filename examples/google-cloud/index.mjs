import { http } from "@google-cloud/functions-framework";
import { nodeHandler } from "@dealix/webhooks/node";

http(
  "receive",
  nodeHandler({
    secret: process.env.DEALIX_WEBHOOK_SECRET,
    async onEvent(event) {
      console.log(`${event.type} ${event.id}`);
    },
  }),
);
