import { lambdaHandler } from "@dealix/webhooks/node";

export const handler = lambdaHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});
