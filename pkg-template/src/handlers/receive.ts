import { BODY_OPTIONS } from "../input/reading/limits.js";
import { WebhookReplayError, WebhookVerificationError } from "../errors.js";
import type { DealixEvent } from "../events.js";
import type { HeadersInput } from "../input/headers.js";
import { HungUp } from "../input/reading/hung-up.js";
import { callable, knownOptions } from "../input/options.js";
import { logRefusal } from "./refusal-log.js";
import type { Secrets } from "../input/secrets.js";
import type { Webhook, WebhookOptions } from "../webhook/webhook.js";

/** What every handler takes. */
export interface HandlerOptions extends WebhookOptions {
  /** The endpoint's secret, or several while one is rotated out. */
  secret: Secrets;
  /** Does the work. What it throws passes through, so that your platform logs it, answers 500, and Dealix tries again. */
  onEvent: (event: DealixEvent) => unknown;
  /** Called with each refusal before it is answered; by default writes a line to `console.warn`, and few lines for a flood. */
  onError?: ((error: WebhookVerificationError) => unknown) | undefined;
}

/** What a runtime has for one request, and what it makes of an answer, whose body is always empty. */
export interface Exchange<Answer> {
  readonly method: string | undefined;
  /** Checks the header, reads the body and verifies it. */
  verify(): DealixEvent | Promise<DealixEvent>;
  answer(status: number, headers?: { Allow?: string }): Answer;
}

/** The one handler that every adapter wraps. */
export type Receiver = <Answer>(exchange: Exchange<Answer>) => Promise<Answer>;

/**
 * Checks a handler's options, and makes its receiver and its verifier. The verifier's class is passed in: importing it here would put
 * a second one into `./node`.
 */
export function handlerParts(
  options: HandlerOptions,
  WebhookClass: typeof Webhook,
): { receive: Receiver; webhook: Webhook; webhookOptions: WebhookOptions } {
  const known = knownOptions(options, { secret: undefined, onEvent: undefined, onError: undefined, maxAgeSeconds: undefined, ...BODY_OPTIONS });
  const { secret, onEvent, onError = logRefusal, ...webhookOptions } = known;
  callable("onEvent", onEvent);
  callable("onError", onError);
  return { receive: (exchange) => receive(exchange, onEvent, onError), webhook: new WebhookClass(secret, webhookOptions), webhookOptions };
}

/** Throws where no body can make the delivery genuine, so that none is read. */
export function assertHeader(webhook: Webhook, headers: HeadersInput): void {
  const error = webhook.checkHeader(headers);
  if (error !== null) throw error;
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
    // Nobody is there to see it, and a client that hangs up is nothing to log.
    if (error instanceof HungUp) return answer(408);
    if (!(error instanceof WebhookVerificationError)) throw error;
    // Awaited: what it rejects with would end a Node process, and anybody can have a delivery refused.
    await onError(error);
    return answer(statusOf(error));
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

/** The status that answers a refusal. */
export function statusOf({ code, details }: WebhookVerificationError): number {
  switch (code) {
    case "body_timeout":
      return 408;
    case "body_too_large":
      return 413;
    case "receiver_busy":
      return 503;
    default:
      // A body that was compressed on the way could not match.
      return "contentEncoding" in details ? 415 : 400;
  }
}
