// Ways to receive a delivery. The first of each group verifies nothing: it reads the body and parses it.
import { fetchHandler } from "@dealix/webhooks";
import { nodeHandler } from "@dealix/webhooks/node";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import { SECRET } from "./delivery.mjs";
import { verify } from "./snippet.mjs";

const { webhooks: stripe } = new Stripe("sk_test_none");
const svix = new SvixWebhook(SECRET);
const onEvent = () => {};

/** With Node's request and response. */
export const NODE = {
  none: onBody((body) => JSON.parse(body)),
  nodeHandler: nodeHandler({ secret: SECRET, onEvent }),
  "node:crypto": onBody((body, headers) => {
    if (!verify(body, headers["dealix-signature"], SECRET)) throw new Error("refused");
    return JSON.parse(body);
  }),
  stripe: onBody((body, headers) => stripe.constructEvent(body, headers["dealix-signature"], SECRET)),
  svix: onBody((body, headers) => svix.verify(body, headers)),
};

/** With a web `Request`. */
export const WEB = {
  "fetch-none": async (request) => (await request.json(), new Response(null, { status: 204 })),
  fetchHandler: fetchHandler({ secret: SECRET, onEvent }),
};

/** Reads the whole body, then responds. */
function onBody(handle) {
  return async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    handle(Buffer.concat(chunks), request.headers);
    response.writeHead(204).end();
  };
}
