import { type DealixEvent, fetchHandler } from "@dealix/webhooks";
import { createFileRoute } from "@tanstack/react-router";

const receive = fetchHandler({ secret: () => process.env.DEALIX_WEBHOOK_SECRET, onEvent });

export const Route = createFileRoute("/webhooks/dealix")({
  server: { handlers: { ANY: ({ request }) => receive(request) } },
});

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
