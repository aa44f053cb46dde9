// Whether there is a receiver at the address at all. If not, one sentence says so instead of fifty failed checks.
import { adviceOn, isFinal } from "../response-advice.js";
import { type Answer, isSuccess } from "./judge.js";

/** Why nothing more can be checked. */
export interface Obstacle {
  readonly sentence: string;
  /** There is a receiver, but it responds wrongly. */
  readonly isReceiver: boolean;
}

/** Judges the responses to a genuine, a forged and an unsigned delivery; null if they differ as they should. */
export function obstacle(genuine: Answer, forged: Answer, unsigned: Answer): Obstacle | null {
  if ("code" in genuine) return missing(`No answer (${genuine.code}): ${adviceOn(genuine)}`);
  const { status } = genuine;
  const others = [forged, unsigned].map((answer) => ("code" in answer ? null : answer.status));
  if (isSuccess(status)) {
    const isOpen = others.every((other) => other !== null && isSuccess(other));
    return isOpen ? wrong(`It answers ${status} to everything, even what is forged or unsigned: ${OPEN}`) : null;
  }
  const all = `It answers ${status} even to a genuine delivery`;
  if (status < 400 || !isFinal(status)) return missing(`${all}: ${adviceOn(genuine)}`);
  if (status === 404 || status === 405) return missing(`${all}, so there is no receiver there: ${adviceOn(genuine)}`);
  if (status >= 500) return wrong(`${all}: ${adviceOn(genuine)}`);
  const differs = others.some((other) => other !== status);
  return differs ? null : wrong(`${all}: ${REFUSES}`);
}

const OPEN = "it does not verify signatures, or this is not the receiver's address.";
const REFUSES =
  "is DEALIX_WEBHOOK_SECRET the receiver's secret, does it sign the raw bytes, " +
  "and does nothing in front of it ask for a login?";

const missing = (sentence: string): Obstacle => ({ sentence, isReceiver: false });
const wrong = (sentence: string): Obstacle => ({ sentence, isReceiver: true });
