import { WebhookReplayError, WebhookVerificationError } from "../errors.js";
import type { DealixEvent } from "../events.js";
import type { HeadersInput } from "../input/headers.js";
import { callable, knownOptions } from "../input/options.js";
import { HungUp } from "../input/reading/hung-up.js";
import { BODY_OPTIONS } from "../input/reading/limits.js";
import type { Secrets } from "../input/secrets.js";
import { Webhook, type WebhookOptions } from "../webhook/webhook.js";
import { logRefusal } from "./refusal-log.js";
import { statusOf } from "./status.js";

/** The options of every handler. */
export interface HandlerOptions extends WebhookOptions {
  /** The endpoint's secret, or several while one is being rotated out. */
  secret: Secrets;
  /**
   * Handles the event. Anything it throws passes through, so that your platform logs it and responds 500, and Dealix
   * tries again.
   */
  onEvent: (event: DealixEvent) => unknown;
  /**
   * Called with each refusal before the response is sent. By default it writes a line to `console.warn`, at most one
   * every five seconds for each error code.
   */
  onError?: ((error: WebhookVerificationError) => unknown) | undefined;
}

/** One request, and how to respond to it. A response's body is always empty. */
export interface Exchange<Response> {
  readonly method: string | undefined;
  /** Checks the header, reads the body and verifies it. */
  verify(): DealixEvent | Promise<DealixEvent>;
  respond(status: number, headers?: { Allow?: string }): Response;
}

/** What every adapter wraps: verifies one request, calls `onEvent` or `onError`, and responds. */
export type Receive = <Response>(exchange: Exchange<Response>) => Promise<Response>;

/** Checks a handler's options once, and makes its verifier from them. */
export function handlerParts(options: HandlerOptions): {
  receive: Receive;
  webhook: Webhook;
  webhookOptions: WebhookOptions;
} {
  const none = { secret: undefined, onEvent: undefined, onError: undefined, maxAgeSeconds: undefined, ...BODY_OPTIONS };
  const { secret, onEvent, onError = logRefusal, ...webhookOptions } = knownOptions(options, none);
  callable("onEvent", onEvent);
  callable("onError", onError);
  const webhook = new Webhook(secret, webhookOptions);
  return { receive: (exchange) => receive(exchange, onEvent, onError), webhook, webhookOptions };
}

/** Throws if no body can make the delivery genuine, so that none is read. */
export function assertHeader(webhook: Webhook, headers: HeadersInput): void {
  const error = webhook.checkHeader(headers);
  if (error !== null) throw error;
}

async function receive<Response>(
  { method, verify, respond }: Exchange<Response>,
  onEvent: HandlerOptions["onEvent"],
  onError: NonNullable<HandlerOptions["onError"]>,
): Promise<Response> {
  if (method !== "POST") return respond(405, { Allow: "POST" });
  let event: DealixEvent;
  try {
    event = await verify();
  } catch (error) {
    // The client is gone and will not see the response, and hanging up is not worth a log line.
    if (error instanceof HungUp) return respond(408);
    if (!(error instanceof WebhookVerificationError)) throw error;
    // Awaited, because an unhandled rejection would end a Node process, and anybody can send a delivery that is
    // refused.
    await onError(error);
    return respond(statusOf(error));
  }
  try {
    await onEvent(event);
  } catch (error) {
    // Another request is working on the event, or the replay guard has no room or no store: 503, so that Dealix
    // retries.
    if (error instanceof WebhookReplayError) return respond(503);
    throw error;
  }
  return respond(204);
}
