import { WebhookReplayError, WebhookVerificationError } from "./errors.js";
import type { DealixEvent } from "./events.js";
import { callable, knownOptions } from "./options.js";
import type { Secrets } from "./secrets.js";
import type { Webhook, WebhookOptions } from "./webhook.js";

/** What every handler takes. */
export interface HandlerOptions extends WebhookOptions {
  /** The endpoint's secret, or several while one is rotated out. */
  secret: Secrets;
  /** Does the work. What it throws passes through, so that your platform logs it, answers 500, and Dealix tries again. */
  onEvent: (event: DealixEvent) => unknown;
  /** Told of each delivery that is refused, before the answer; writes its message to `console.warn` by default. */
  onError?: ((error: WebhookVerificationError) => unknown) | undefined;
}

/** What a runtime has for one request, and what it makes of an answer, whose body is always empty. */
export interface Exchange<Answer> {
  readonly method: string | undefined;
  /** Reads the body and verifies it. */
  verify(): DealixEvent | Promise<DealixEvent>;
  answer(status: number, headers?: { Allow?: string }): Answer;
}

/** The one handler that every adapter wraps. */
export type Receiver = <Answer>(exchange: Exchange<Answer>) => Promise<Answer>;

/**
 * Checks a handler's options; makes a receiver of some, and a verifier of the rest. Its class is passed in: an import of it would put
 * a second one into `./node`.
 */
export function handlerParts(
  options: HandlerOptions,
  WebhookClass: typeof Webhook,
): { receive: Receiver; webhook: Webhook; webhookOptions: WebhookOptions } {
  const known = knownOptions(options, { secret: undefined, onEvent: undefined, onError: undefined, maxAgeSeconds: undefined, maxBodyBytes: undefined });
  const { secret, onEvent, onError = warn, ...webhookOptions } = known;
  callable("onEvent", onEvent);
  callable("onError", onError);
  return { receive: (exchange) => receive(exchange, onEvent, onError), webhook: new WebhookClass(secret, webhookOptions), webhookOptions };
}

async function receive<Answer>(
  { method, verify, answer }: Exchange<Answer>,
  onEvent: HandlerOptions["onEvent"],
  onError: NonNullable<HandlerOptions["onError"]>,
): Promise<Answer> {
  if (method !== "POST") return answer(405, { Allow: "POST" });
  let event: DealixEvent;
  try {
    event = await verify();
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    // Awaited: what it rejects with would end a Node process, and anybody can have a delivery refused.
    await onError(error);
    return answer(error.code === "body_too_large" ? 413 : 400);
  }
  try {
    await onEvent(event);
  } catch (error) {
    // The replay guard's word that another request has the event in hand: 503, so that Dealix asks again.
    if (error instanceof WebhookReplayError) return answer(503);
    throw error;
  }
  return answer(204);
}

function warn(error: WebhookVerificationError): void {
  console.warn(`${error.name} ${error.code}: ${error.message}`);
}
