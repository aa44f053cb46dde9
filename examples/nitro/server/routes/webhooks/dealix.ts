import { type DealixEvent, fetchHandler } from "@dealix/webhooks";
import { defineHandler } from "nitro";

// A function, because the build has no secret.
const receive = fetchHandler({ secret: () => process.env.DEALIX_WEBHOOK_SECRET, onEvent });

export default defineHandler((event) => receive(event.req));

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
