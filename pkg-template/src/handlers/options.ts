import type { WebhookVerificationError } from "../errors.js";
import type { DealixEvent, EventOf, EventType } from "../events.js";
import type { HeadersLike, HeadersRecord } from "../input/headers.js";
import type { Secrets } from "../input/secrets.js";
import type { WebhookOptions } from "../webhook/webhook.js";

/** What a handler knows about a request besides the event. */
interface RequestContext<Request, Headers> {
  /** The request as the handler got it. */
  readonly request: Request;
  /** The request's headers. Nothing in them is signed. */
  readonly headers: Headers;
  /**
   * Which attempt at this delivery it is, from 1: the `Dealix-Delivery-Attempt` header, or undefined without one. It is
   * not signed, so use it for logs only.
   */
  readonly attempt: number | undefined;
}

/** What `onEvent` gets besides the event. */
export interface EventContext<Request = unknown, Headers = HeadersLike | HeadersRecord>
  extends RequestContext<Request, Headers> {
  /** Which of your secrets matched, from 0. Once it stays 0, the previous secret can be dropped. */
  readonly secretIndex: number;
}

/** What `onError` gets besides the error. */
export interface ErrorContext<Request = unknown, Headers = HeadersLike | HeadersRecord>
  extends RequestContext<Request, Headers> {
  /** No secret matched. */
  readonly secretIndex: null;
}

/**
 * The same type, but never inferred from where a handler is passed: a framework's overloads would make it `never`. Only
 * the type argument and the annotations in the options count.
 */
export type NotInferred<Type> = [Type][Type extends unknown ? 0 : never];

/**
 * A function for each type of event that you handle, and `other` for every other event: Dealix adds types over time.
 */
export type EventHandlers<Context = EventContext> = {
  readonly [Type in EventType]?: (event: EventOf<Type>, context: Context) => unknown;
} & { readonly other: (event: DealixEvent, context: Context) => unknown };

/** The options of everything that verifies requests and responds to those that are refused. */
export interface ReceiverOptions<Request = unknown, Headers = HeadersLike | HeadersRecord> extends WebhookOptions {
  /**
   * The endpoint's secret, or several while one is being rotated out. A function is called at the first request, for
   * frameworks whose build runs this code without the secret. If left out, it is the environment variable
   * `DEALIX_WEBHOOK_SECRET` at the first request; a property that is there but undefined is an error at start-up.
   */
  secret?: Secrets | (() => Secrets);
  /**
   * Called with each refusal before the response is sent. By default it writes a line to `console.warn`, at most one
   * every five seconds for each error code.
   */
  onError?: ((error: WebhookVerificationError, context: ErrorContext<Request, Headers>) => unknown) | undefined;
}

/** The options of every handler. */
export interface HandlerOptions<Request = unknown, Headers = HeadersLike | HeadersRecord>
  extends ReceiverOptions<Request, Headers> {
  /**
   * Handles the event: a function, or a table with one for each type and `other`. Anything it throws passes through, so
   * that your platform logs it and responds 500, and Dealix tries again.
   */
  onEvent:
    | ((event: DealixEvent, context: EventContext<Request, Headers>) => unknown)
    | EventHandlers<EventContext<Request, Headers>>;
}
