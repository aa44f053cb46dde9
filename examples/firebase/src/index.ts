import type { DealixEvent } from "@dealix/webhooks";
import { nodeHandler } from "@dealix/webhooks/node";
import { defineSecret } from "firebase-functions/params";
import { onRequest } from "firebase-functions/https";

const secret = defineSecret("DEALIX_WEBHOOK_SECRET");

// A function, because the deployment loads this file without the secret.
export const dealix = onRequest({ secrets: [secret] }, nodeHandler({ secret: () => secret.value(), onEvent }));

async function onEvent(event: DealixEvent) {
  console.log(`${event.type} ${event.id}`);
}
