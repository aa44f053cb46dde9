import Koa from "koa";
import { nodeHandler } from "@dealix/webhooks/node";

const app = new Koa();
const handler = nodeHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent });

// Above any body parser: the signature covers the bytes that arrive.
app.use(async (ctx, next) => {
  if (ctx.path !== "/webhooks/dealix") return next();
  ctx.respond = false;
  await handler(ctx.req, ctx.res);
});

async function onEvent(event) {
  console.log(`${event.type} ${event.id}`);
}

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`listening on http://localhost:${server.address().port}/webhooks/dealix`);
});
