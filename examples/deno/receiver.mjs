import { fetchHandler } from "@dealix/webhooks";

const receive = fetchHandler({
  secret: Deno.env.get("DEALIX_WEBHOOK_SECRET"),
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

Deno.serve({
  port: Number(Deno.env.get("PORT") ?? 3000),
  onListen: ({ port }) => console.log(`listening on http://localhost:${port}/webhooks/dealix`),
  handler(request) {
    const { pathname } = new URL(request.url);
    return pathname === "/webhooks/dealix" ? receive(request) : new Response(null, { status: 404 });
  },
});
