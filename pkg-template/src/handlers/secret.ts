import type { Secrets } from "../input/secrets.js";
import { Webhook, type WebhookOptions } from "../webhook/webhook.js";

/**
 * The verifier of a handler: made at once from a secret, and at the first request from a function. While the function
 * or its secret is wrong, every request fails: nothing is ever verified without a secret.
 */
export function webhookOf(secret: Secrets | (() => Secrets), options: WebhookOptions): () => Webhook {
  let webhook = typeof secret === "function" ? undefined : new Webhook(secret, options);
  return () => (webhook ??= new Webhook((secret as () => Secrets)(), options));
}
