// The handlers where frameworks' own types take them, with everything inferred.
import { app } from "@azure/functions";
import { http } from "@google-cloud/functions-framework";
import { server as hapi } from "@hapi/hapi";
import { Elysia } from "elysia";
import Fastify from "fastify";
import { Hono } from "hono";
import type { NextApiHandler } from "next";
import { fetchHandler } from "@dealix/webhooks";
import { nodeHandler } from "@dealix/webhooks/node";

type First<Handler> = Handler extends (...parameters: [infer Request, any]) => any ? Request : never;

const secret = () => process.env["DEALIX_WEBHOOK_SECRET"];
const table = nodeHandler({ secret, onEvent: { "deal.won": (event) => event.data, other: (event) => event.type } });

Fastify().post("/a", { onRequest: nodeHandler({ secret, onEvent: (event) => event.type }) }, () => {});
Fastify().post("/b", { onRequest: table }, () => {});

http("receive", nodeHandler({ secret, onEvent: (event) => event.type }));
hapi().route({
  method: "POST",
  path: "/d",
  handler: async ({ raw }, h) => (await table(raw.req, raw.res), h.abandon),
});

const receive = fetchHandler({ secret, onEvent: (event, { request }) => [event.type, request.method] });
new Hono().post("/c", (context) => receive(context.req.raw));
export const POST: (request: Request) => Promise<Response> = fetchHandler({ onEvent: { other: (event) => event.id } });
// As the types that Next.js writes for a route read it.
export const isRequest: First<typeof receive> extends Request ? true : false = true;
export const page: NextApiHandler = nodeHandler({ secret, onEvent: (event) => event.type });
new Elysia().post("/e", ({ request }) => receive(request), { parse: "none" });
app.http("f", { methods: ["POST"], handler: fetchHandler({ secret, onEvent: (event) => event.type }) });
