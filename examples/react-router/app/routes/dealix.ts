import { type DealixEvent, fetchHandler } from "@dealix/webhooks";
import type { Route } from "./+types/dealix";

const receive = fetchHandler({ secret: () => process.env.DEALIX_WEBHOOK_SECRET, onEvent });

export const action = ({ request }: Route.ActionArgs) => receive(request);

// For GET, which gets a 405.
export const loader = ({ request }: Route.LoaderArgs) => receive(request);

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
