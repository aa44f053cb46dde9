import { atCaller } from "../errors.js";
import { handlerParts, type HandlerOptions } from "./receive.js";
import { assertRequest } from "../input/reading/request.js";
import { Webhook } from "../webhook/webhook.js";

/**
 * A receiver for Workers, Hono, Next's app router, Deno, Bun, SvelteKit and Astro: answers 204 once
 * `onEvent` is done, and a bare 4xx to what is no genuine delivery; 503 where too many bodies arrive at once.
 *
 * ```js
 * export default { fetch: (request, env) => fetchHandler({ secret: env.DEALIX_WEBHOOK_SECRET, onEvent })(request) };
 * ```
 */
export function fetchHandler(options: HandlerOptions): (request: Request) => Promise<Response> {
  const { receive, webhook } = atCaller(fetchHandler, () => handlerParts(options, Webhook));
  return async (request) => {
    assertRequest(request);
    return receive({
      method: request.method,
      verify: () => webhook.verifyRequest(request),
      answer: (status, headers = {}) => new Response(null, { status, headers }),
    });
  };
}
