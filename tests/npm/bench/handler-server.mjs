// A server whose paths verify deliveries in different ways; `GET /cpu` returns the CPU time that it has used, in µs.
import { createServer } from "node:http";
import process from "node:process";
import { fetchHandler } from "@dealix/webhooks";
import { nodeHandler } from "@dealix/webhooks/node";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import { verify } from "./snippet.mjs";

const secret = process.env.BENCH_SECRET;
const { webhooks: stripe } = new Stripe("sk_test_none");
const svix = new SvixWebhook(secret);
const onEvent = () => {};
const receive = fetchHandler({ secret, onEvent });

const PATHS = {
  "/none": onBody((body) => JSON.parse(body)),
  "/nodeHandler": nodeHandler({ secret, onEvent }),
  "/stripe": onBody((body, headers) => stripe.constructEvent(body, headers["dealix-signature"], secret)),
  "/svix": onBody((body, headers) => svix.verify(body, headers)),
  "/snippet": onBody((body, headers) => {
    if (!verify(body, headers["dealix-signature"], secret)) throw new Error("refused");
    return JSON.parse(body);
  }),
  "/fetch-none": onRequest(async (request) => (await request.json(), new Response(null, { status: 204 }))),
  "/fetchHandler": onRequest(receive),
  "/cpu": (_, response) => {
    const { user, system } = process.cpuUsage();
    response.end(String(user + system));
  },
};

const server = createServer((request, response) => PATHS[request.url](request, response));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

/** Reads the whole body, then responds. */
function onBody(handle) {
  return async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    handle(Buffer.concat(chunks), request.headers);
    response.writeHead(204).end();
  };
}

/** Makes a web `Request` of the body, as frameworks do on Node. */
function onRequest(handle) {
  return async (request, response) => {
    const { method, headers } = request;
    const body = new ReadableStream({
      async start(controller) {
        for await (const chunk of request) controller.enqueue(chunk);
        controller.close();
      },
    });
    const { status } = await handle(new Request("http://localhost/", { method, headers, body, duplex: "half" }));
    response.writeHead(status).end();
  };
}
