import { fetchHandler } from "@dealix/webhooks";
import { createFileRoute } from "@tanstack/react-router";

const receive = fetchHandler({
  // A function, because the build loads this file without the secret.
  secret: () => process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

export const Route = createFileRoute("/webhooks/dealix")({
  server: { handlers: { ANY: ({ request }) => receive(request) } },
});
