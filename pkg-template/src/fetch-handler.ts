import { WebhookVerificationError } from "./errors.js";
import type { DealixEvent } from "./events.js";
import { callable, knownOptions } from "./options.js";
import type { Secrets } from "./secrets.js";
import { Webhook, type WebhookOptions } from "./webhook.js";

export interface FetchHandlerOptions extends WebhookOptions {
  /** The endpoint's secret, or several while one is rotated out. */
  secret: Secrets;
  /** Does the work. What it throws passes through, so that your platform logs it, answers 500, and Dealix tries again. */
  onEvent(event: DealixEvent): unknown;
  /** Told of each delivery that is refused; writes its message to `console.warn` by default. */
  onError?: ((error: WebhookVerificationError) => void) | undefined;
}

/**
 * A receiver for Workers, Hono, Next's app router, Deno, Bun, SvelteKit and Astro: answers 204 once
 * `onEvent` is done, and a bare 400, 405 or 413 to what is no genuine delivery.
 *
 * ```js
 * export default { fetch: (request, env) => fetchHandler({ secret: env.DEALIX_WEBHOOK_SECRET, onEvent })(request) };
 * ```
 */
export function fetchHandler(options: FetchHandlerOptions): (request: Request) => Promise<Response> {
  knownOptions(options, ["secret", "onEvent", "onError", "maxAgeSeconds", "maxBodyBytes"]);
  const { secret, onEvent, onError = warn, ...webhookOptions } = options;
  callable("onEvent", onEvent);
  callable("onError", onError);
  const webhook = new Webhook(secret, webhookOptions);
  return async (request) => {
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { Allow: "POST" } });
    let event: DealixEvent;
    try {
      event = await webhook.verifyRequest(request);
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      onError(error);
      return new Response(null, { status: error.code === "body_too_large" ? 413 : 400 });
    }
    await onEvent(event);
    return new Response(null, { status: 204 });
  };
}

function warn(error: WebhookVerificationError): void {
  console.warn(`${error.name} ${error.code}: ${error.message}`);
}
