import "reflect-metadata";
import { Controller, Module, Next, Post, Req, Res } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { nodeHandler, type NodeRequest, type NodeResponse } from "@dealix/webhooks/node";

@Controller("webhooks")
class WebhooksController {
  readonly #receive = nodeHandler({
    secret: process.env.DEALIX_WEBHOOK_SECRET,
    async onEvent(event) {
      console.log(`${event.type} ${event.id}`);
    },
  });

  @Post("dealix")
  receive(@Req() request: NodeRequest, @Res() response: NodeResponse, @Next() next: (error?: unknown) => void) {
    return this.#receive(request, response, next);
  }
}

@Module({ controllers: [WebhooksController] })
class AppModule {}

// `rawBody` keeps the bytes that the signature covers, next to what Nest's parser makes of them.
const app = await NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true });
app.useBodyParser("json", { limit: "1mb" });
await app.listen(process.env.PORT ?? 3000);
console.log(`listening on ${await app.getUrl()}/webhooks/dealix`);
