import { fetchHandler } from "@dealix/webhooks";
import type { Config } from "@netlify/functions";

export default fetchHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

export const config: Config = { path: "/webhooks/dealix" };
