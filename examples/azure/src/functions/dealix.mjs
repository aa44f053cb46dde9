import { app } from "@azure/functions";
import { fetchHandler } from "@dealix/webhooks";

app.http("dealix", {
  methods: ["POST"],
  route: "webhooks/dealix",
  authLevel: "anonymous", // Dealix has no function key: the signature is what proves who sent it
  handler: fetchHandler({
    secret: process.env.DEALIX_WEBHOOK_SECRET,
    async onEvent(event) {
      console.log(`${event.type} ${event.id}`);
    },
  }),
});
