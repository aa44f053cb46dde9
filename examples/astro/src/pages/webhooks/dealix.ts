import type { APIRoute } from "astro";
import { getSecret } from "astro:env/server";
import { type DealixEvent, fetchHandler } from "@dealix/webhooks";

// A function, because `import.meta.env` would have the build's value, and the build has no secret.
const receive = fetchHandler({ secret: () => getSecret("DEALIX_WEBHOOK_SECRET"), onEvent });

export const POST: APIRoute = ({ request }) => receive(request);

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
