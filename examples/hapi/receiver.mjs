import Hapi from "@hapi/hapi";
import { nodeHandler } from "@dealix/webhooks/node";

const server = Hapi.server({ port: Number(process.env.PORT ?? 3000) });

const receive = nodeHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

server.route({
  method: "POST",
  path: "/webhooks/dealix",
  // hapi would parse the body, but the signature covers the bytes that arrive.
  options: { payload: { output: "stream", parse: false } },
  async handler(request, h) {
    await receive(request.raw.req, request.raw.res);
    return h.abandon;
  },
});

await server.start();
console.log(`listening on http://localhost:${server.info.port}/webhooks/dealix`);
