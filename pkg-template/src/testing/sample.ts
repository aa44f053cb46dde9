import { encode } from "../runtime/text.js";
import { call } from "../wasm/testing.js";
import { checkedJson } from "./json.js";

/**
 * The data of a test event unless the test gives its own: the catalogue's sample for the type, written as no program
 * would: some letters escaped and some not, keys out of order, a number with `.0`. Parsing the body and writing it again
 * always gives different bytes.
 */
export function sampleData(type: string): object {
  return JSON.parse(sample(type)) as object;
}

function sample(type: string): string {
  return call((wasm) => wasm.sample(), encode(type)).text;
}

/**
 * Writes an event as JSON, restoring the sample's `.0`, which JavaScript's numbers lose. The caller's own data is
 * unchanged.
 */
export function withPoint(event: object): string {
  const json = checkedJson(event);
  const { type, data } = event as { type?: unknown; data?: unknown };
  if (typeof type !== "string" || data === undefined) return json;
  const written = JSON.stringify(data);
  const text = sample(type);
  return JSON.stringify(JSON.parse(text)) === written ? json.replace(written, () => text) : json;
}

/** An event's canonical text, with the sample in its original spelling if that is the event's data. */
export function spelt(canonical: string): string {
  return call((wasm) => wasm.as_sent(), encode(canonical)).text;
}
