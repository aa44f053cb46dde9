import { atCaller } from "../errors.js";
import type { HeadersLike } from "../input/headers.js";
import { assertRequest, readBody, type RequestLike } from "../input/reading/request.js";
import type { HandlerOptions, NotInferred } from "./options.js";
import { handlerOf } from "./receive.js";

/**
 * Takes a request of your type, and a `Request` if you named none. That signature is the last, which is the one that
 * Next.js compares with its own requests.
 */
export type FetchHandler<Req> = ((request: NotInferred<Req>) => Promise<Response>) &
  (RequestLike extends Req ? (request: Request) => Promise<Response> : unknown);

/**
 * A receiver for Workers, Hono, Next's app router, Deno, Bun, SvelteKit and Astro. It responds 204 once `onEvent` is
 * done, with a bare 4xx to anything that is not a genuine delivery, and 503 when too many bodies arrive at once. It
 * takes anything that has the parts of a `Request` that are used. For all of your request's type in `onEvent`'s
 * context, name it: `fetchHandler<Request>(…)`.
 *
 * ```js
 * export default { fetch: fetchHandler({ secret: () => env.DEALIX_WEBHOOK_SECRET, onEvent }) };
 * ```
 */
export function fetchHandler<Req extends RequestLike = RequestLike>(
  options: HandlerOptions<Req, HeadersLike>,
): FetchHandler<Req> {
  const handle = atCaller(fetchHandler, () => handlerOf(options));
  const receive = async (request: Req) => {
    assertRequest(request);
    return handle({
      request,
      method: request.method,
      headers: request.headers,
      readBody: (limits) => readBody(request, limits),
      respond: (status, headers = {}) => new Response(null, { status, headers }),
    });
  };
  return receive as FetchHandler<Req>;
}
