import { type DealixEvent, fetchHandler } from "@dealix/webhooks";

Deno.serve(fetchHandler({ secret: Deno.env.get("DEALIX_WEBHOOK_SECRET"), onEvent }));

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
