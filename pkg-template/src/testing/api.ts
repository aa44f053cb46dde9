import type {
  AnyPayload,
  DealixEvent,
  DeclaredEvent,
  Envelope,
  EventType,
  KnownEvent,
  UnknownEvent,
} from "../events.js";
import type { Secrets } from "../input/secrets.js";
import { Webhook } from "../webhook/webhook.js";
import { bodyContent, type Body, type BodyContent } from "../input/body.js";
import { envelopeFault, parseEnvelope } from "../webhook/envelope.js";
import { WebhookUsageError } from "../errors.js";
import { noCanonicalForm } from "./json.js";
import { invalidOption, knownOptions, now } from "../input/options.js";
import { sampleData, spelt, withPoint } from "./sample.js";
import { call } from "../wasm/testing.js";
import { encode } from "../runtime/text.js";

export { diagnose, type DiagnoseOptions } from "./diagnose.js";
export type { Cause, Diagnosis, DiagnosisDetails } from "./diagnosis.js";

/** The fields of an envelope that a test cares about; the rest is filled in. */
export type EventFields<Type extends string> = Partial<Omit<Envelope<Type, AnyPayload<Type>>, "type">> & {
  readonly type: Type;
};

/** The event for a type: a known one, an unknown one, or either if the type is any string. */
export type TestEventOf<Type extends string> = string extends Type
  ? DealixEvent
  : Type extends EventType
    ? Extract<KnownEvent | DeclaredEvent, { type: Type }>
    : UnknownEvent;

/**
 * A test event: an envelope with a fresh id, the current time and, unless you give your own, the type's sample as its
 * data, which exposes a receiver that parses the body and writes it again.
 *
 * ```js
 * const event = makeEvent({ type: "deal.won" });
 * ```
 */
export function makeEvent<Type extends string>(fields: EventFields<Type>): TestEventOf<Type> {
  return {
    id: call((wasm) => wasm.new_event_id(), crypto.getRandomValues(new Uint8Array(16))).text,
    customer_id: "cus_test",
    timestamp: now(),
    api_version: "v1",
    data: sampleData(fields.type),
    ...fields,
  } as unknown as TestEventOf<Type>;
}

/**
 * The canonical text of an event, all ASCII: the body that Dealix would send. Takes an envelope, the sender's record
 * (`event_id`, `event_type`, `customer_id`, `payload`, `timestamp`), or the JSON text of either, which preserves the
 * digits of numbers. Throws `WebhookUsageError` (`invalid_event`), naming the place of anything that has no canonical
 * form.
 */
export function serializeEnvelope(event: object | string): string {
  const json = typeof event === "string" ? event : withPoint(event);
  const { failed, text } = call((wasm) => wasm.canonical(), encode(json));
  if (!failed) return text;
  throw noCanonicalForm(text);
}

export interface SignedRequestOptions {
  secret: Secrets;
  /** An envelope (`makeEvent`), or its JSON text. */
  event?: object | string | undefined;
  /** Instead of `event`: the body of a recorded delivery, which is sent byte for byte. */
  body?: Body | undefined;
  /** The destination; `https://receiver.example/webhooks/dealix` by default. */
  url?: string | URL | undefined;
  /** The time to sign at, in seconds since 1970; now by default. */
  timestamp?: number | undefined;
}

const DEFAULT_URL = "https://receiver.example/webhooks/dealix";

const OPTIONS = { secret: undefined, event: undefined, body: undefined, url: undefined, timestamp: undefined };

/**
 * A complete delivery, as Dealix would send it: pass it to `fetch`, or to a handler under test. The data that
 * `makeEvent` fills in is not in canonical form, which exposes a receiver that verifies anything but the bytes that
 * arrive.
 */
export function signedRequest(options: SignedRequestOptions): Request {
  const { secret, event, body, timestamp, url = DEFAULT_URL } = knownOptions(options, OPTIONS);
  if ((event === undefined) === (body === undefined))
    throw invalidOption("event", event, "Pass either an event or a body.");
  const content = body === undefined ? spelt(serializeEnvelope(event as object | string)) : bodyContent(body);
  const { id, type } = envelope(content);
  return new Request(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Dealix-Event-Id": headerValue("id", id),
      "Dealix-Event-Type": headerValue("type", type),
      "Dealix-Delivery-Attempt": "1",
      "Dealix-Signature": new Webhook(secret).sign(content, timestamp),
    },
    body: content as BodyInit,
  });
}

function envelope(content: BodyContent): DealixEvent {
  const event = parseEnvelope(content);
  if (typeof event !== "string") return event;
  const seen = `That is not an event: ${envelopeFault(event)}.`;
  throw new WebhookUsageError("invalid_event", seen, "Pass the body of a recorded delivery.");
}

/** Dealix refuses to send a value that would need another encoding or could end a header (contract, section 4). */
function headerValue(field: string, value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  const seen = `The event's ${field} goes into a header, and is not printable ASCII.`;
  throw new WebhookUsageError("invalid_event", seen, `Correct the ${field}.`);
}
