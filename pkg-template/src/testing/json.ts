import { describe, tagOf, WebhookUsageError } from "../errors.js";

/** `JSON.stringify`, except that anything it would silently change is an error that names the place. */
export function checkedJson(event: object): string {
  try {
    return checked(event);
  } catch (error) {
    if (error instanceof WebhookUsageError) throw error;
    // A cycle, or too many levels for the stack. The engine's own error may quote the event, so it is dropped.
    throw noCanonicalForm("it contains itself, or is nested too deeply");
  }
}

function checked(event: object): string {
  const places = new WeakMap<object, string>();
  return JSON.stringify(event, function (this: object, key: string, value: unknown) {
    const parent = places.get(this);
    const place = parent === undefined ? "" : placeOf(parent, key, Array.isArray(this));
    if (typeof value === "object" && value !== null) places.set(value, place);
    if (isLost(value, this)) {
      throw noCanonicalForm(`${place}: ${typeof value === "number" ? value : describe(value)} is not JSON`);
    }
    return value;
  });
}

function placeOf(parent: string, key: string, isInArray: boolean): string {
  if (isInArray) return `${parent}[${key}]`;
  return parent === "" ? key : `${parent}.${key}`;
}

/** The error for an event that cannot be written: what is wrong, and where. */
export function noCanonicalForm(fault: string): WebhookUsageError {
  return new WebhookUsageError("invalid_event", `The event has no canonical form: ${fault}.`, "Correct it there.");
}

/**
 * A property may be undefined, which leaves it out; anything else that JSON cannot express would be dropped or become
 * null.
 */
function isLost(value: unknown, parent: object): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  if (value === undefined) return Array.isArray(parent);
  // Other objects become {}, whatever they contain: a Map, an Error, a Promise that nobody awaited.
  if (typeof value === "object" && value !== null) return !["Object", "Array"].includes(tagOf(value));
  return ["bigint", "function", "symbol"].includes(typeof value);
}
