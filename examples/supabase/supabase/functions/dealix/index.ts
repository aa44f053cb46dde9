import { fetchHandler } from "@dealix/webhooks";

Deno.serve(
  fetchHandler({
    secret: Deno.env.get("DEALIX_WEBHOOK_SECRET"),
    async onEvent(event) {
      console.log(`${event.type} ${event.id}`);
    },
  }),
);
