import { EVENT_TYPES } from "./generated/event-types.js";

export { EVENT_TYPES };

/**
 * Your payload types, by declaration merging:
 *
 * ```ts
 * declare module "@dealix/webhooks" {
 *   interface DealixEventMap { "deal.won": { amount: number } }
 * }
 * ```
 */
export interface DealixEventMap {}

/** The types known to this version of the package, and those that you declared. */
export type EventType = (typeof EVENT_TYPES)[number] | Extract<keyof DealixEventMap, string>;

/** The body of a delivery. */
export interface Envelope<Type extends string, Data> {
  /** Dedupe on it: it stays the same over all attempts of a delivery. */
  readonly id: string;
  readonly type: Type;
  readonly customer_id: string;
  /** When the event happened, in seconds since 1970. */
  readonly timestamp: number;
  readonly api_version: string;
  readonly data: Data;
}

type Payload<Type> = Type extends keyof DealixEventMap ? DealixEventMap[Type] : Record<string, unknown>;

/** An event of a known type: `switch (event.type)` narrows `event.data`. */
export type KnownEvent = { [Type in EventType]: Envelope<Type, Payload<Type>> }[EventType];

declare const unknownType: unique symbol;

/** An event of a type that is newer than this version of the package. */
export type UnknownEvent = Envelope<string & { readonly [unknownType]: true }, Record<string, unknown>>;

/** What `verify` returns. The union is open: let the `default` of a `switch` accept what it does not know. */
export type DealixEvent = KnownEvent | UnknownEvent;

/** Whether this version of the package knows the event's type. */
export function isKnownEvent(event: DealixEvent): event is KnownEvent {
  return (EVENT_TYPES as readonly string[]).includes(event.type);
}
