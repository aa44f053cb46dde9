import { type DealixEvent, fetchHandler } from "@dealix/webhooks";
import type { RequestHandler } from "./$types";

// The secret is read from DEALIX_WEBHOOK_SECRET at the first request: the build loads this file without it.
const receive = fetchHandler({ onEvent });

export const POST: RequestHandler = ({ request }) => receive(request);

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
