import { nodeHandler } from "@dealix/webhooks/node";

// The signature covers the bytes that arrive, so Next must not parse them.
export const config = { api: { bodyParser: false } };

export default nodeHandler({
  // A function, because `next build` runs this file too, where the secret may not be set.
  secret: () => process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});
