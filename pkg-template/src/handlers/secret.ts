import type { Secrets } from "../input/secrets.js";
import { Webhook, type WebhookOptions } from "../webhook/webhook.js";

/**
 * The verifier of a handler: made at once from a secret, and at the first request from a function. While the function
 * or its secret is wrong, every request fails: nothing is ever verified without a secret.
 */
export function webhookOf(secret: Secrets | (() => Secrets), options: WebhookOptions): () => Webhook {
  let webhook = typeof secret === "function" ? undefined : new Webhook(secret, options);
  return () => {
    if (webhook) return webhook;
    const given: unknown = (secret as () => Secrets)();
    // A promise is refused below. Nobody else would handle its rejection, which would end a Node process.
    if (given instanceof Promise) given.catch(() => {});
    return (webhook = new Webhook(given as Secrets, options));
  };
}
