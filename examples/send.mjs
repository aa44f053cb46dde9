// Sends a signed test event: node send.mjs http://localhost:3000/webhooks/dealix
import { makeEvent, signedRequest } from "@dealix/webhooks/testing";

const event = makeEvent({ type: "deal.won", data: { amount: 1200, currency: "EUR" } });
const request = signedRequest({ secret: process.env.DEALIX_WEBHOOK_SECRET, event, url: process.argv[2] });
const response = await fetch(request);
console.log(`sent ${event.type} ${event.id}: ${response.status} ${response.statusText}`);
