import { fetchHandler } from "@dealix/webhooks";
import type { RequestHandler } from "./$types";

// The secret is read from DEALIX_WEBHOOK_SECRET at the first request: the build loads this file without it.
const receive = fetchHandler({
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

export const POST: RequestHandler = ({ request }) => receive(request);
