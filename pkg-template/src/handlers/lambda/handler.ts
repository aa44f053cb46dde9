import { maxBodyBytesOf, type BodyOptions } from "../../input/reading/limits.js";
import { atCaller } from "../../errors.js";
import type { DealixEvent } from "../../events.js";
import { Webhook } from "../../index.js";
import { lambdaRequest, type LambdaEvent } from "./event.js";
import { knownOptions } from "../../input/options.js";
import { assertHeader, handlerParts, type HandlerOptions } from "../receive.js";

/** The answer, in the form that API Gateway, load balancers and function URLs all take. */
export interface LambdaResult {
  statusCode: number;
  headers: Record<string, string>;
  /** For a load balancer: told to pass all values of a header, it reads these alone. */
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: boolean;
}

/**
 * The event of a genuine delivery, out of what API Gateway (REST and HTTP APIs), an Application Load Balancer or a function
 * URL hands to a Lambda function; base64 bodies are decoded.
 *
 * Throws as `Webhook.verify` does; beyond `maxBodyBytes` (1 MiB by default) `body_too_large`, and `WebhookUsageError`
 * `not_a_request` for an event of another source.
 *
 * ```js
 * const event = verifyLambda(webhook, lambdaEvent);
 * ```
 */
export function verifyLambda(webhook: Webhook, event: LambdaEvent, options: Pick<BodyOptions, "maxBodyBytes"> = {}): DealixEvent {
  const limit = maxBodyBytesOf(knownOptions(options, { maxBodyBytes: undefined }));
  const { body, headers } = lambdaRequest(event);
  assertHeader(webhook, headers);
  return webhook.verify(body(limit), headers);
}

/**
 * A receiver for AWS Lambda behind API Gateway, an Application Load Balancer or a function URL: answers as `nodeHandler` does.
 * What `onEvent` throws passes through: Lambda logs it, the gateway answers 5xx, and Dealix tries again.
 *
 * ```js
 * export const handler = lambdaHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent });
 * ```
 */
export function lambdaHandler(options: HandlerOptions): (event: LambdaEvent) => Promise<LambdaResult> {
  const { receive, webhookOptions, webhook } = atCaller(lambdaHandler, () => handlerParts(options, Webhook));
  const { maxBodyBytes } = webhookOptions;
  return async (event) => {
    const { method, isFromLoadBalancer } = lambdaRequest(event);
    return receive({
      method,
      verify: () => verifyLambda(webhook, event, { maxBodyBytes }),
      answer: (statusCode, headers) => result(statusCode, { ...headers }, isFromLoadBalancer),
    });
  };
}

/** API Gateway refuses an answer with a field that it does not know, so a load balancer's go to it alone. */
function result(statusCode: number, headers: Record<string, string>, isForLoadBalancer: boolean): LambdaResult {
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { statusCode, headers, ...(isForLoadBalancer && { multiValueHeaders }), body: "", isBase64Encoded: false };
}
