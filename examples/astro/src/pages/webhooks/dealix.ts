import type { APIRoute } from "astro";
import { getSecret } from "astro:env/server";
import { fetchHandler } from "@dealix/webhooks";

const receive = fetchHandler({
  // A function, because `import.meta.env` would have the build's value, and the build has no secret.
  secret: () => getSecret("DEALIX_WEBHOOK_SECRET"),
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

export const POST: APIRoute = ({ request }) => receive(request);
