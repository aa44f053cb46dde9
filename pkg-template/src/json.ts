import { describe, WebhookUsageError } from "./errors.js";

/** `JSON.stringify`, save that what it would change in silence is an error that names the place. */
export function checkedJson(event: object): string {
  const places = new WeakMap<object, string>();
  return JSON.stringify(event, function (this: object, key: string, value: unknown) {
    const parent = places.get(this);
    const place = parent === undefined ? "" : Array.isArray(this) ? `${parent}[${key}]` : parent === "" ? key : `${parent}.${key}`;
    if (typeof value === "object" && value !== null) places.set(value, place);
    if (isLost(value, this)) {
      throw new WebhookUsageError(
        "invalid_event",
        `The event has no canonical form: ${place}: ${typeof value === "number" ? value : describe(value)} is not JSON.`,
        "Mend it at that place.",
      );
    }
    return value;
  });
}

/** An absent property may be undefined; everything else that JSON has no text for would be dropped or become null. */
function isLost(value: unknown, parent: object): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  if (value === undefined) return Array.isArray(parent);
  // Their text is {}, whatever they hold: a Map, a Set, a Promise that nobody awaited.
  if (value instanceof Map || value instanceof Set || value instanceof Promise) return true;
  return ["bigint", "function", "symbol"].includes(typeof value);
}
