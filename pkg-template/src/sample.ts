/**
 * What a test event holds where the test gives no data, spelt as no program would: some letters as they are and some escaped, keys
 * out of order, a space, a number with `.0`. Whoever parses the body and writes it again gets other bytes.
 */
const SPELT = '{"name":"شركة \\u0627\\u0644\\u0623\\u0641\\u0642 🌅","amount": 12500.0,"currency":"SAR"}';

const CANONICAL =
  '{"amount":12500.0,"currency":"SAR","name":"\\u0634\\u0631\\u0643\\u0629 \\u0627\\u0644\\u0623\\u0641\\u0642 \\ud83c\\udf05"}';

export function sampleData(): object {
  return JSON.parse(SPELT) as object;
}

/** Puts the sample's `.0` back, which no number of JavaScript has, in what `JSON.stringify` made of an event. */
export function withPoint(json: string): string {
  return json.replace(JSON.stringify(sampleData()), CANONICAL);
}

/** Spells the sample in an event's canonical text. */
export function spelt(canonical: string): string {
  return canonical.replace(CANONICAL, SPELT);
}
