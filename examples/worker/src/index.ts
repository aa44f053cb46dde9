import { env } from "cloudflare:workers";
import { fetchHandler } from "@dealix/webhooks";

export default {
  fetch: fetchHandler({
    secret: () => env.DEALIX_WEBHOOK_SECRET,
    async onEvent(event) {
      console.log(`${event.type} ${event.id}`);
    },
  }),
} satisfies ExportedHandler<Env>;
