import functions from "@google-cloud/functions-framework";
import { nodeHandler } from "@dealix/webhooks/node";

functions.http("receive", nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent }));

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}
