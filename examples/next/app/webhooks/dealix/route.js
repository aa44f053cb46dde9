import { fetchHandler } from "@dealix/webhooks";

export const POST = fetchHandler({
  // A function, because `next build` runs this file too, where the secret may not be set.
  secret: () => process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});
