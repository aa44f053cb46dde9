// The handlers where frameworks' own types take them, with everything inferred.
import Fastify from "fastify";
import { Hono } from "hono";
import { fetchHandler } from "@dealix/webhooks";
import { nodeHandler } from "@dealix/webhooks/node";

const secret = () => process.env["DEALIX_WEBHOOK_SECRET"];
const table = nodeHandler({ secret, onEvent: { "deal.won": (event) => event.data, other: (event) => event.type } });

Fastify().post("/a", { onRequest: nodeHandler({ secret, onEvent: (event) => event.type }) }, () => {});
Fastify().post("/b", { onRequest: table }, () => {});

const receive = fetchHandler({ secret, onEvent: (event, { request }) => [event.type, request.method] });
new Hono().post("/c", (context) => receive(context.req.raw));
export const POST: (request: Request) => Promise<Response> = fetchHandler({ onEvent: { other: (event) => event.id } });
