import { EVENT_TYPES } from "./generated/constants.js";
import type { KnownPayloads } from "./generated/payloads.js";

export { EVENT_TYPES };
export type { KnownPayloads };

/**
 * Your payload types, by declaration merging:
 *
 * ```ts
 * import "@dealix/webhooks";
 * declare module "@dealix/webhooks" {
 *   interface DealixEventMap { "deal.won": { amount: number } }
 * }
 * ```
 */
export interface DealixEventMap {}

/** The types known to this version of the package, and those you declared. */
export type EventType = (typeof EVENT_TYPES)[number] | Extract<keyof DealixEventMap, string>;

/** The body of a delivery. */
export interface Envelope<Type extends string, Data> {
  /** Deduplicate on it: it stays the same over all attempts of a delivery. */
  readonly id: string;
  /** What happened, such as `deal.won`: route on it. */
  readonly type: Type;
  /** The customer of Dealix that the event belongs to. */
  readonly customer_id: string;
  /** When the event happened, in seconds since 1970. */
  readonly timestamp: number;
  /** The version of this envelope: `v1`. */
  readonly api_version: string;
  /** The payload, which depends on the type. Declare yours in `DealixEventMap`. */
  readonly data: Data;
}

/**
 * What you declared for a type, otherwise the fields that are known of it, which may all be absent, and any others as
 * unknown values.
 */
export type Payload<Type> = Type extends keyof DealixEventMap
  ? DealixEventMap[Type]
  : Type extends keyof KnownPayloads
    ? KnownPayloads[Type]
    : Record<string, unknown>;

/** What a test may send: what you declared for a type, otherwise any payload. */
export type AnyPayload<Type> = Type extends keyof DealixEventMap ? DealixEventMap[Type] : Record<string, unknown>;

/** An event of a type that this version of the package knows: `switch (event.type)` narrows `event.data`. */
export type KnownEvent = EventsOf<(typeof EVENT_TYPES)[number]>;

/** An event of a type that you declared and that this version of the package does not know. */
export type DeclaredEvent = EventsOf<Exclude<EventType, (typeof EVENT_TYPES)[number]>>;

type EventsOf<Types extends string> = { [Type in Types]: Envelope<Type, Payload<Type>> }[Types];

/** The event of a type: `EventOf<"deal.won">`. */
export type EventOf<Type extends EventType> = EventsOf<Type>;

/**
 * Any string that is not a known type. TypeScript cannot express that; an enum member comes closest, since it is a
 * string that equals no literal, so that `case "deal.won"` excludes this arm.
 */
declare enum UnknownType {
  Unknown = "",
}

/** An event whose type is newer than this version of the package. Declare the type in `DealixEventMap` to use it. */
export type UnknownEvent = Envelope<UnknownType, Record<string, unknown>>;

/** What `verify` returns. The union is open: let the `default` of a `switch` accept unknown types. */
export type DealixEvent = KnownEvent | DeclaredEvent | UnknownEvent;

/** Whether the event's type is one of `EVENT_TYPES`. Types that you declared yourself are not. */
export function isKnownEvent(event: DealixEvent): event is KnownEvent {
  return (EVENT_TYPES as readonly string[]).includes(event.type);
}
