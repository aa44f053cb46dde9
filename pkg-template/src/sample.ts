/**
 * The data of a test event unless the test gives its own, spelt as no program would: some letters escaped and some not, keys out of
 * order, a space, a number with `.0`. Parsing the body and writing it again always gives other bytes.
 */
const SPELT = '{"name":"شركة \\u0627\\u0644\\u0623\\u0641\\u0642 🌅","amount": 12500.0,"currency":"SAR"}';

const CANONICAL =
  '{"amount":12500.0,"currency":"SAR","name":"\\u0634\\u0631\\u0643\\u0629 \\u0627\\u0644\\u0623\\u0641\\u0642 \\ud83c\\udf05"}';

export function sampleData(): object {
  return JSON.parse(SPELT) as object;
}

/** Puts the sample's `.0` back into what `JSON.stringify` made of an event: JavaScript's numbers lose it. */
export function withPoint(json: string): string {
  return json.replace(JSON.stringify(sampleData()), CANONICAL);
}

/** Puts the sample as it is spelt into an event's canonical text. */
export function spelt(canonical: string): string {
  return canonical.replace(CANONICAL, SPELT);
}
