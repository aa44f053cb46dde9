import type { Cause } from "@dealix/webhooks/testing";
import { words } from "../state/page.js";
import type { CauseWords } from "../words/words.js";

/** A pasted report may name any cause, even one by the name of what every object inherits. */
export function causeWords(cause: string): CauseWords {
  const { causes } = words.value;
  return Object.hasOwn(causes, cause) ? causes[cause as Cause] : causes.unknown;
}
