import {
  Webhook,
  type DealixEvent,
  type DeclaredEvent,
  type Envelope,
  type EventType,
  type KnownEvent,
  type Payload,
  type Secrets,
  type UnknownEvent,
} from "./index.js";
import { WebhookUsageError } from "./errors.js";
import { checkedJson } from "./json.js";
import { knownOptions, now } from "./options.js";
import { ask } from "./testing-module.js";
import { encode } from "./text.js";

export { diagnose, type DiagnoseOptions } from "./diagnose.js";
export type { Cause, Diagnosis, DiagnosisDetails } from "./diagnosis.js";

/** An envelope with what a test cares about; the rest is filled in. */
export type EventFields<Type extends string> = Partial<Omit<Envelope<Type, Payload<Type>>, "type">> & { readonly type: Type };

/** The event of a type: a known one, an unknown one, or either where the type is any string. */
export type EventOf<Type extends string> = string extends Type
  ? DealixEvent
  : Type extends EventType
    ? Extract<KnownEvent | DeclaredEvent, { type: Type }>
    : UnknownEvent;

/**
 * A test event: an envelope with a fresh id, the time now and no data, unless you give them.
 *
 * ```js
 * const event = makeEvent({ type: "deal.won", data: { amount: 1200 } });
 * ```
 */
export function makeEvent<Type extends string>(fields: EventFields<Type>): EventOf<Type> {
  return {
    id: ask((wasm) => wasm.new_event_id(), crypto.getRandomValues(new Uint8Array(16))).text,
    customer_id: "cus_test",
    timestamp: now(),
    api_version: "v1",
    data: {},
    ...fields,
  } as unknown as EventOf<Type>;
}

/**
 * The canonical text of an event, all ASCII: the body that Dealix would send. Takes an envelope, the
 * sender's record (`event_id`, `event_type`, `customer_id`, `payload`, `timestamp`), or the JSON text of either
 * where numbers must keep their digits. Throws `WebhookUsageError` (`invalid_event`) with the place of what
 * has no canonical form.
 */
export function serializeEnvelope(event: object | string): string {
  const json = typeof event === "string" ? event : checkedJson(event);
  const { failed, text } = ask((wasm) => wasm.canonical(), encode(json));
  if (!failed) return text;
  throw new WebhookUsageError("invalid_event", `The event has no canonical form: ${text}.`, "Mend it at that place.");
}

export interface SignedRequestOptions {
  secret: Secrets;
  /** An envelope (`makeEvent`), or its JSON text. */
  event: object | string;
  /** Where to; `https://receiver.example/webhooks/dealix` by default. */
  url?: string | URL | undefined;
  /** The time to sign at, in seconds since 1970; now by default. */
  timestamp?: number | undefined;
}

/** A whole delivery, as Dealix would send it: pass it to `fetch`, or to a handler under test. */
export function signedRequest(options: SignedRequestOptions): Request {
  const { secret, event, timestamp, url = "https://receiver.example/webhooks/dealix" } = knownOptions(options, { secret: undefined, event: undefined, url: undefined, timestamp: undefined });
  const body = serializeEnvelope(event);
  const { id, type } = JSON.parse(body) as DealixEvent;
  return new Request(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Dealix-Event-Id": headerValue("id", id),
      "Dealix-Event-Type": headerValue("type", type),
      "Dealix-Delivery-Attempt": "1",
      "Dealix-Signature": new Webhook(secret).sign(body, timestamp),
    },
    body,
  });
}

/** Dealix refuses to send what would need another encoding, or could end a header (contract, section 4). */
function headerValue(field: string, value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  throw new WebhookUsageError("invalid_event", `The event's ${field} goes into a header, and is not printable ASCII.`, `Mend the ${field}.`);
}
