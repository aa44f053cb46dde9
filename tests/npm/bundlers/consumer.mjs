// What a user's project does with the package, one source for every bundler and test runner.
import { fetchHandler, Webhook, WebhookUsageError } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";

const secret = "whsec_consumer";

/** What `consume` answers where the package works. */
export const EXPECTED = "verified deal.won; refused signature_mismatch; answered 204 and 400; one class of errors";

/** Verifies a delivery and refuses a forged one, by both ways to do it. */
export async function consume() {
  const event = makeEvent({ type: "deal.won", data: { name: "شركة 😀" } });
  const genuine = () => signedRequest({ secret, event });
  const forged = () => signedRequest({ secret: "whsec_forger", event });

  const webhook = new Webhook(secret);
  const { type } = await webhook.verifyRequest(genuine());
  const { code } = await webhook.verifyRequest(forged()).catch((error) => error);

  const handler = fetchHandler({ secret, onEvent() {}, onError() {} });
  const [yes, no] = [await handler(genuine()), await handler(forged())];

  return `verified ${type}; refused ${code}; answered ${yes.status} and ${no.status}; ${classes()} of errors`;
}

/** Whether the entries share their error classes: a bundle that holds them twice breaks `instanceof`. */
function classes() {
  try {
    return serializeEnvelope({});
  } catch (error) {
    return error instanceof WebhookUsageError ? "one class" : "two classes";
  }
}
