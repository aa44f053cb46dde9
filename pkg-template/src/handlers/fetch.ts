import { atCaller } from "../errors.js";
import { assertRequest } from "../input/reading/request.js";
import { handlerParts, type HandlerOptions } from "./receive.js";

/**
 * A receiver for Workers, Hono, Next's app router, Deno, Bun, SvelteKit and Astro. It responds 204 once `onEvent` is
 * done, with a bare 4xx to anything that is not a genuine delivery, and 503 when too many bodies arrive at once.
 *
 * ```js
 * export default { fetch: (request, env) => fetchHandler({ secret: env.DEALIX_WEBHOOK_SECRET, onEvent })(request) };
 * ```
 */
export function fetchHandler(options: HandlerOptions): (request: Request) => Promise<Response> {
  const { receive, webhook } = atCaller(fetchHandler, () => handlerParts(options));
  return async (request) => {
    assertRequest(request);
    return receive({
      method: request.method,
      verify: () => webhook.verifyRequest(request),
      respond: (status, headers = {}) => new Response(null, { status, headers }),
    });
  };
}
