import { checkedJson } from "./json.js";

/**
 * The data of a test event unless the test gives its own, written as no program would: some letters escaped and some
 * not, keys out of order, a space, a number with `.0`. Parsing the body and writing it again always gives different
 * bytes.
 */
const SPELT = '{"name":"شركة \\u0627\\u0644\\u0623\\u0641\\u0642 🌅","amount": 12500.0,"currency":"SAR"}';

const CANONICAL =
  '{"amount":12500.0,"currency":"SAR","name":"\\u0634\\u0631\\u0643\\u0629 \\u0627\\u0644\\u0623\\u0641\\u0642 \\ud83c\\udf05"}';

export function sampleData(): object {
  return JSON.parse(SPELT) as object;
}

/**
 * Writes an event as JSON, restoring the sample's `.0`, which JavaScript's numbers lose. The caller's own data is
 * unchanged.
 */
export function withPoint(event: object): string {
  const json = checkedJson(event);
  const data = JSON.stringify(sampleData());
  return JSON.stringify((event as { data?: unknown }).data) === data ? json.replace(data, CANONICAL) : json;
}

/** An event's canonical text, with the sample in its original spelling if that is the event's data. */
export function spelt(canonical: string): string {
  const { data } = JSON.parse(canonical) as { data?: unknown };
  return JSON.stringify(data) === JSON.stringify(JSON.parse(CANONICAL))
    ? canonical.replace(CANONICAL, SPELT)
    : canonical;
}
