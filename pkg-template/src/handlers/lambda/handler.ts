import { atCaller } from "../../errors.js";
import type { DealixEvent } from "../../events.js";
import type { HeadersRecord } from "../../input/headers.js";
import { knownOptions } from "../../input/options.js";
import { maxBodyBytesOf, type BodyOptions } from "../../input/reading/limits.js";
import type { Webhook } from "../../webhook/webhook.js";
import type { HandlerOptions, NotInferred } from "../options.js";
import { handlerOf } from "../receive.js";
import { lambdaRequest, type LambdaEvent } from "./event.js";

/** The response, in the form that API Gateway, load balancers and function URLs all accept. */
export interface LambdaResult {
  statusCode: number;
  headers: Record<string, string>;
  /** For a load balancer with multi-value headers enabled, which reads only these. */
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: boolean;
}

/**
 * Verifies the event that API Gateway (REST and HTTP APIs), an Application Load Balancer or a function URL passes to a
 * Lambda function, and returns the Dealix event. Base64 bodies are decoded.
 *
 * Throws the same errors as `Webhook.verify`, `body_too_large` for a body over `maxBodyBytes` (1 MiB by default), and
 * `WebhookUsageError` `not_a_request` for an event from another source.
 *
 * ```js
 * const event = verifyLambda(webhook, lambdaEvent);
 * ```
 */
export function verifyLambda(
  webhook: Webhook,
  event: LambdaEvent,
  options: Pick<BodyOptions, "maxBodyBytes"> = {},
): DealixEvent {
  const maxBodyBytes = maxBodyBytesOf(knownOptions(options, { maxBodyBytes: undefined }));
  const { headers, body } = lambdaRequest(event);
  const refusal = webhook.checkHeader(headers);
  if (refusal !== null) throw refusal;
  return webhook.verify(body(maxBodyBytes), headers);
}

/**
 * A receiver for AWS Lambda behind API Gateway, an Application Load Balancer or a function URL. It responds as
 * `nodeHandler` does. Anything `onEvent` throws passes through: Lambda logs it, the gateway responds 5xx, and Dealix
 * tries again.
 *
 * ```js
 * export const handler = lambdaHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent });
 * ```
 */
export function lambdaHandler<Event extends LambdaEvent = LambdaEvent>(
  options: HandlerOptions<Event, HeadersRecord>,
): (event: NotInferred<Event>) => Promise<LambdaResult> {
  const handle = atCaller(lambdaHandler, () => handlerOf(options));
  const receive = async (event: Event) => {
    const { method, headers, body, isFromLoadBalancer } = lambdaRequest(event);
    return handle({
      request: event,
      method,
      headers,
      readBody: ({ maxBodyBytes }) => body(maxBodyBytes),
      respond: (statusCode, others) => result(statusCode, { ...others }, isFromLoadBalancer),
    });
  };
  return receive as (event: NotInferred<Event>) => Promise<LambdaResult>;
}

/** API Gateway rejects a response with a field it does not know, so only a load balancer gets `multiValueHeaders`. */
function result(statusCode: number, headers: Record<string, string>, isForLoadBalancer: boolean): LambdaResult {
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { statusCode, headers, ...(isForLoadBalancer && { multiValueHeaders }), body: "", isBase64Encoded: false };
}
