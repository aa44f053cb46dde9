import { describe, tagOf, WebhookUsageError } from "../errors.js";

/** `JSON.stringify`, save that what it would change in silence is an error that names the place. */
export function checkedJson(event: object): string {
  try {
    return checked(event);
  } catch (error) {
    if (error instanceof WebhookUsageError) throw error;
    // A cycle, or more levels than the stack has room for. The engine's own error may quote the event.
    throw noCanonicalForm("it contains itself, or is nested too deeply");
  }
}

function checked(event: object): string {
  const places = new WeakMap<object, string>();
  return JSON.stringify(event, function (this: object, key: string, value: unknown) {
    const parent = places.get(this);
    const place = parent === undefined ? "" : Array.isArray(this) ? `${parent}[${key}]` : parent === "" ? key : `${parent}.${key}`;
    if (typeof value === "object" && value !== null) places.set(value, place);
    if (isLost(value, this)) {
      throw noCanonicalForm(`${place}: ${typeof value === "number" ? value : describe(value)} is not JSON`);
    }
    return value;
  });
}

/** The error for an event that cannot be written: what is wrong, and where. */
export function noCanonicalForm(fault: string): WebhookUsageError {
  return new WebhookUsageError("invalid_event", `The event has no canonical form: ${fault}.`, "Correct it at that place.");
}

/** An absent property may be undefined; everything else that JSON has no text for would be dropped or become null. */
function isLost(value: unknown, parent: object): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  if (value === undefined) return Array.isArray(parent);
  // The text of others is {}, whatever they hold: a Map, an Error, a Promise that nobody awaited.
  if (typeof value === "object" && value !== null) return !["Object", "Array"].includes(tagOf(value));
  return ["bigint", "function", "symbol"].includes(typeof value);
}
