import { nodeHandler } from "@dealix/webhooks/node";
import { defineSecret } from "firebase-functions/params";
import { onRequest } from "firebase-functions/https";

const secret = defineSecret("DEALIX_WEBHOOK_SECRET");

const receive = nodeHandler({
  // A function, because the deployment loads this file without the secret.
  secret: () => secret.value(),
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

export const dealix = onRequest({ secrets: [secret] }, receive);
