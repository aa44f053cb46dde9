import type { BodyContent } from "../input/body.js";
import { decode, wellFormed } from "../runtime/text.js";
import type { DealixEvent } from "../events.js";

const FIELDS: readonly (readonly [field: string, isRight: (value: unknown) => boolean])[] = [
  ["id", isString],
  ["type", isString],
  ["customer_id", isString],
  ["timestamp", isInteger],
  ["api_version", isString],
  ["data", isObject],
];

/** The verified body as an event, or the name of the first field that is missing or of the wrong type. */
export function parseEnvelope(content: BodyContent): DealixEvent | string {
  let envelope: unknown;
  try {
    envelope = JSON.parse(typeof content === "string" ? wellFormed(content) : decode(content));
  } catch {
    // Not JSON, or not UTF-8. The engine's own error may quote the body, so it is dropped.
    return "body";
  }
  if (!isObject(envelope)) return "body";
  for (const [field, isRight] of FIELDS) {
    // A polluted Object.prototype adds no field.
    if (!Object.hasOwn(envelope, field) || !isRight(envelope[field])) return field;
  }
  return envelope as unknown as DealixEvent;
}

/** What is wrong with a field that `parseEnvelope` named. */
export function envelopeFault(field: string | undefined): string {
  return field === "body" ? "the body is not a JSON object" : `its field ${field} is missing or of the wrong type`;
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function isInteger(value: unknown): boolean {
  return Number.isInteger(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
