import { fetchHandler } from "@dealix/webhooks";

export const POST = fetchHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});
