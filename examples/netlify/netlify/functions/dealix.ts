import { type DealixEvent, fetchHandler } from "@dealix/webhooks";
import type { Config } from "@netlify/functions";

export default fetchHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent });

export const config: Config = { path: "/webhooks/dealix" };

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
