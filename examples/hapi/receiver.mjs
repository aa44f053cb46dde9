import Hapi from "@hapi/hapi";
import { nodeHandler } from "@dealix/webhooks/node";

const handler = nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent });
const server = Hapi.server({ port: process.env.PORT ?? 3000 });

server.route({
  method: "POST",
  path: "/webhooks/dealix",
  // hapi would parse the body, but the signature covers the bytes that arrive.
  options: { payload: { output: "stream", parse: false } },
  async handler(request, h) {
    await handler(request.raw.req, request.raw.res);
    return h.abandon;
  },
});

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}

await server.start();
console.log(`listening on http://localhost:${server.info.port}/webhooks/dealix`);
