import { WebhookReplayError, WebhookVerificationError } from "../errors.js";
import type { DealixEvent } from "../events.js";
import { DEFAULT_MAX_AGE_SECONDS } from "../generated/constants.js";
import type { Body } from "../input/body.js";
import { environment } from "../input/environment.js";
import { headerText, type HeadersLike, type HeadersRecord } from "../input/headers.js";
import { callable, knownOptions, wholeNumber } from "../input/options.js";
import { HungUp } from "../input/reading/hung-up.js";
import { BODY_OPTIONS, bodyLimits, type BodyLimits } from "../input/reading/limits.js";
import type { Webhook } from "../webhook/webhook.js";
import { eventHandler } from "./event-table.js";
import type { EventContext, HandlerOptions, ReceiverOptions } from "./options.js";
import { logRefusal } from "./refusal-log.js";
import { webhookOf } from "./secret.js";
import { statusOf } from "./status.js";

/** One request, and how to read it and respond to it. A response's body is always empty. */
export interface Exchange<Request, Headers, Response> {
  readonly request: Request;
  readonly method: string | undefined;
  readonly headers: Headers;
  readBody(limits: BodyLimits): Body | Promise<Body>;
  respond(status: number, headers?: { Allow?: string }): Response;
}

/** Verifies one request: goes on to `next` with its event, or calls `onError` with why it is refused and responds. */
export type Receive<Request, Headers> = <Response>(
  exchange: Exchange<Request, Headers, Response>,
  next: (event: DealixEvent, context: EventContext<Request, Headers>) => Response | Promise<Response>,
) => Promise<Response>;

/** What every handler wraps: verifies one request, calls `onEvent` or `onError`, and responds. */
export type Handle<Request, Headers> = <Response>(exchange: Exchange<Request, Headers, Response>) => Promise<Response>;

/** The names of `ReceiverOptions`. A function, so that a bundle without a handler leaves it out. */
const receiverOptions = () => ({ secret: undefined, onError: undefined, maxAgeSeconds: undefined, ...BODY_OPTIONS });

/** Checks a handler's options once. */
export function handlerOf<Request, Headers extends HeadersLike | HeadersRecord>(
  options: HandlerOptions<Request, Headers>,
): Handle<Request, Headers> {
  const { onEvent } = knownOptions(options, { ...receiverOptions(), onEvent: undefined });
  const handle = eventHandler(onEvent);
  const { onEvent: _, ...others } = options;
  const receive = receiverOf(others);
  return (exchange) =>
    receive(exchange, async (event, context) => {
      try {
        await handle(event, context);
      } catch (error) {
        // Another request is working on the event, or the replay guard has no room or no store: 503, so that Dealix
        // retries.
        if (error instanceof WebhookReplayError) return exchange.respond(503);
        throw error;
      }
      return exchange.respond(204);
    });
}

/** Checks the options once, also those that only the first request needs. */
export function receiverOf<Request, Headers extends HeadersLike | HeadersRecord>(
  options: ReceiverOptions<Request, Headers>,
): Receive<Request, Headers> {
  const { secret, onError = logRefusal, maxAgeSeconds, ...body } = knownOptions(options, receiverOptions());
  callable("onError", onError);
  wholeNumber("maxAgeSeconds", maxAgeSeconds, DEFAULT_MAX_AGE_SECONDS);
  const limits = bodyLimits(body);
  const webhook = webhookOf(Object.hasOwn(options, "secret") ? secret : environment(), { maxAgeSeconds });

  return async (exchange, next) => {
    const { request, method, headers, respond } = exchange;
    if (method !== "POST") return respond(405, { Allow: "POST" });
    const context = { request, headers, attempt: attemptOf(headers) };
    let verified: Verified;
    try {
      verified = await verify(webhook(), exchange, limits);
    } catch (error) {
      // The client is gone and will not see the response, and hanging up is not worth a log line.
      if (error instanceof HungUp) return respond(408);
      if (!(error instanceof WebhookVerificationError)) throw error;
      // Awaited, because an unhandled rejection would end a Node process, and anybody can send a delivery that is
      // refused.
      await onError(error, { ...context, secretIndex: null });
      return respond(statusOf(error));
    }
    return next(verified.event, { ...context, secretIndex: verified.secretIndex });
  };
}

interface Verified {
  readonly event: DealixEvent;
  readonly secretIndex: number;
}

/** Throws for a delivery that is refused; if its header alone is to blame, its body is not read. */
async function verify(
  webhook: Webhook,
  { headers, readBody }: Exchange<unknown, HeadersLike | HeadersRecord, unknown>,
  limits: BodyLimits,
): Promise<Verified> {
  const refusal = webhook.checkHeader(headers);
  if (refusal !== null) throw refusal;
  const result = webhook.check(await readBody(limits), headers);
  if (!result.valid) throw result.error;
  return result;
}

function attemptOf(headers: HeadersLike | HeadersRecord): number | undefined {
  const attempt = headerText(headers, "dealix-delivery-attempt") ?? "";
  return /^[1-9]\d{0,8}$/.test(attempt) ? Number(attempt) : undefined;
}
