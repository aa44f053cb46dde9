import { fetchHandler } from "@dealix/webhooks";
import type { Route } from "./+types/dealix";

const receive = fetchHandler({
  // A function, because the build loads this file without the secret.
  secret: () => process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

export const action = ({ request }: Route.ActionArgs) => receive(request);

// For GET, which gets a 405.
export const loader = ({ request }: Route.LoaderArgs) => receive(request);
