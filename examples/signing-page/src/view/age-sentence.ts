import { language, words } from "../state/page.js";
import { duration } from "../words/numbers.js";

/** How long before the receiver's clock the delivery was signed; negative if after it. */
export function ageSentence(seconds: number): string {
  const { age } = words.value;
  if (seconds === 0) return age.just;
  const text = duration(language.value, Math.abs(seconds));
  return seconds < 0 ? age.future(text) : age.past(text);
}
