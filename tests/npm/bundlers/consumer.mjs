// What a user's project does with the package, one source for every bundler and test runner.
import { fetchHandler, Webhook, WebhookConfigurationError, WebhookUsageError } from "@dealix/webhooks";
import { nodeHandler, verifyLambda } from "@dealix/webhooks/node";
import { ReplayGuard } from "@dealix/webhooks/replay";
import { makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";

const secret = "whsec_consumer";

/** What `consume` returns if the package works. */
export const EXPECTED =
  "verified deal.won; refused signature_mismatch; answered 204 and 400; handled once; one class of errors";

/** Verifies a delivery and refuses a forged one in every way there is; handles the event once. */
export async function consume() {
  const event = makeEvent({ type: "deal.won", data: { name: "شركة 😀" } });
  const genuine = () => signedRequest({ secret, event });
  const forged = () => signedRequest({ secret: "whsec_forger", event });

  const webhook = new Webhook(secret);
  const { type } = await webhook.verifyRequest(genuine());
  const { code } = await webhook.verifyRequest(forged()).catch((error) => error);

  const guard = new ReplayGuard();
  let times = 0;
  const onEvent = ({ id }) => guard.run(id, () => (times += 1));
  const handler = fetchHandler({ secret, onEvent, onError() {} });
  const [yes, no] = [await handler(genuine()), await handler(forged())];
  await handler(genuine());

  return `verified ${type}; refused ${code}; answered ${yes.status} and ${no.status}; handled ${times === 1 ? "once" : times}; ${classes()} of errors`;
}

/** Whether the entries share their error classes: a bundle that contains them twice breaks `instanceof`. */
function classes() {
  const ofUsage = [() => serializeEnvelope({}), () => verifyLambda(new Webhook(secret), {})];
  const ofOptions = () => nodeHandler({ secret: "", onEvent() {} });
  const areOne = [
    ...ofUsage.map((call) => thrownBy(call) instanceof WebhookUsageError),
    thrownBy(ofOptions) instanceof WebhookConfigurationError,
  ];
  return areOne.every(Boolean) ? "one class" : "two classes";
}

function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
}
