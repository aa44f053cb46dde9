import Koa from "koa";
import { nodeHandler } from "@dealix/webhooks/node";

const app = new Koa();

const receive = nodeHandler({
  secret: process.env.DEALIX_WEBHOOK_SECRET,
  async onEvent(event) {
    console.log(`${event.type} ${event.id}`);
  },
});

// Above any body parser: the signature covers the bytes that arrive.
app.use(async (ctx, next) => {
  if (ctx.path !== "/webhooks/dealix") return next();
  ctx.respond = false;
  await receive(ctx.req, ctx.res);
});

const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`listening on http://localhost:${port}/webhooks/dealix`));
