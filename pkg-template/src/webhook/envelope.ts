import type { BodyContent } from "../input/body.js";
import { decode, wellFormed } from "../runtime/text.js";
import type { DealixEvent } from "../events.js";

/** The verified body as an event, or the name of the first field that is missing or of the wrong type. */
export function parseEnvelope(content: BodyContent): DealixEvent | string {
  let envelope: unknown;
  try {
    envelope = JSON.parse(typeof content === "string" ? wellFormed(content) : decode(content));
  } catch {
    // Not JSON, or not UTF-8, and so no object. The engine's own error may quote the body, so it is dropped.
  }
  if (!isObject(envelope)) return "body";
  // Own properties only: a polluted Object.prototype adds no field.
  const field = (name: string) => (Object.hasOwn(envelope, name) ? envelope[name] : undefined);
  if (typeof field("id") !== "string") return "id";
  if (typeof field("type") !== "string") return "type";
  if (typeof field("customer_id") !== "string") return "customer_id";
  if (!Number.isInteger(field("timestamp"))) return "timestamp";
  if (typeof field("api_version") !== "string") return "api_version";
  if (!isObject(field("data"))) return "data";
  return envelope as unknown as DealixEvent;
}

/** What is wrong with a field that `parseEnvelope` named. */
export function envelopeFault(field: string | undefined): string {
  return field === "body" ? "the body is not a JSON object" : `its field ${field} is missing or of the wrong type`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
