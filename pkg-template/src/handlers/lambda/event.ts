import type { Body } from "../../input/body.js";
import { byteLength } from "../../input/byte-length.js";
import { describe, WebhookUsageError } from "../../errors.js";
import type { HeadersRecord } from "../../input/headers.js";
import { bodyTooLarge } from "../../input/reading/limits.js";
import { fromBase64 } from "../../runtime/base64.js";

/**
 * The parts that this package reads of an event from API Gateway (REST and HTTP APIs), a load balancer, VPC Lattice or a
 * function URL.
 */
export interface LambdaEvent {
  readonly httpMethod?: string | undefined;
  readonly headers?: HeadersRecord | null | undefined;
  readonly multiValueHeaders?: HeadersRecord | null | undefined;
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
  readonly requestContext?: object | undefined;
  /** From VPC Lattice; the names with an underscore belong to version 1 of its events. */
  readonly method?: string | undefined;
  readonly raw_path?: string | undefined;
  readonly is_base64_encoded?: boolean | string | undefined;
}

/** The HTTP request in an event. */
export interface LambdaRequest {
  readonly method: string;
  readonly headers: HeadersRecord;
  /** Throws if the body is not text, or is over this many bytes. */
  body(maxBytes: number): Body;
  readonly isFromLoadBalancer: boolean;
}

interface Context {
  readonly http?: { readonly method?: unknown };
  readonly elb?: unknown;
  readonly serviceArn?: unknown;
}

/** Throws `WebhookUsageError` `not_a_request` for an event from another source. */
export function lambdaRequest(event: LambdaEvent): LambdaRequest {
  if (typeof event !== "object" || event === null) throw notHttp(describe(event), PROXY_ADVICE);
  const { http, elb, serviceArn } = (event.requestContext ?? {}) as Context;
  const isFromLattice = event.raw_path !== undefined || serviceArn !== undefined;
  const method = event.httpMethod ?? http?.method ?? (isFromLattice ? event.method : undefined);
  if (typeof method !== "string") throw otherEvent(event as Record<string, unknown>);
  return {
    method,
    headers: allHeaders(event),
    body: (maxBytes) => decoded(event, maxBytes),
    isFromLoadBalancer: elb !== undefined,
  };
}

/**
 * If there are several headers with one name, `headers` of a REST API has only the last. A recorded event may have
 * either field without the other.
 */
function allHeaders({ headers, multiValueHeaders }: LambdaEvent): HeadersRecord {
  const several = Object.entries(multiValueHeaders ?? {}).filter(([, values]) => values?.length);
  const all = [...Object.entries(headers ?? {}), ...several];
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value]));
}

function decoded({ body, isBase64Encoded, is_base64_encoded = isBase64Encoded }: LambdaEvent, maxBytes: number): Body {
  const text = body ?? "";
  if (typeof text !== "string") {
    throw parsed(`The event's body is ${describe(text)}, not the text that arrived.`, describe(text));
  }
  if (!is_base64_encoded || is_base64_encoded === "false") {
    if (byteLength(text, maxBytes) > maxBytes) throw bodyTooLarge(maxBytes);
    return text;
  }
  // Four characters hold three bytes, less the padding.
  if ((text.length / 4) * 3 - 2 > maxBytes) throw bodyTooLarge(maxBytes);
  const bytes = fromBase64Text(text);
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes);
  return bytes;
}

function fromBase64Text(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    throw parsed("The event says isBase64Encoded, but its body is not base64.", "a string that is not base64");
  }
}

function parsed(seen: string, received: string): WebhookUsageError {
  return new WebhookUsageError(
    "body_parsed",
    seen,
    "Pass the event unchanged: remove anything that parses or decodes it first, such as Middy's `httpJsonBodyParser`.",
    { received },
  );
}

const PROXY_ADVICE =
  "Pass the event that Lambda gives the handler, from API Gateway with Lambda proxy integration, a load balancer, " +
  "VPC Lattice or a function URL.";

const EDGE_ADVICE =
  "Lambda@Edge is not supported: it has no environment variables, and truncates long bodies. " +
  "Have CloudFront forward the path to a function URL, with the Dealix-Signature header, and verify there.";

/** Names the event's source if it can be told, and shows nothing else of the event. */
function otherEvent(event: Record<string, unknown>): WebhookUsageError {
  const { Records: records } = event;
  if (Array.isArray(records)) {
    const [first] = records as { eventSource?: unknown; EventSource?: unknown; cf?: unknown }[];
    if (first?.cf) return notHttp("a Lambda@Edge request", EDGE_ADVICE);
    const source = first?.eventSource ?? first?.EventSource;
    const from = typeof source === "string" && /^aws:[\w:-]{1,40}$/.test(source) ? ` from ${source}` : "";
    return notHttp(
      `a batch of records${from}`,
      "Verify where the HTTP request arrives, before the queue; " + "the queue's consumer then needs no signature.",
    );
  }
  if ("detail-type" in event) return notHttp("an EventBridge event", PROXY_ADVICE);
  if ("api_version" in event && "type" in event) {
    const advice = `${PROXY_ADVICE} A mapping template that passes only the body loses the bytes and the header.`;
    return notHttp("the webhook's body, parsed", advice);
  }
  return notHttp(`${describe(event)} without an HTTP method`, PROXY_ADVICE);
}

function notHttp(received: string, advice: string): WebhookUsageError {
  return new WebhookUsageError("not_a_request", `The event is ${received}, not an HTTP request.`, advice, { received });
}
