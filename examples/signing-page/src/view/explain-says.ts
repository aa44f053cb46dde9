import { computed } from "@preact/signals";
import type { Tone } from "./banner.js";
import { explanation, isUndone } from "../state/explain.js";
import { words } from "../state/page.js";
import { verdict } from "../state/verify.js";
import { causeWords } from "./cause-words.js";

interface Saying {
  readonly tone: Tone;
  readonly word: string;
  readonly why: string;
}

/** What the banner of Explain says. */
export const saying = computed((): Saying => {
  const { explain, promise } = words.value;
  const found = explanation.value;
  if (found === "searching") return { tone: "wait", word: explain.searching, why: promise };
  if (found === "failed") return { tone: "bad", word: explain.failed, why: explain.failedWhy };
  if (found === null) return nothing();
  if (isUndone.value) return { tone: "good", word: explain.undone, why: explain.undoneWhy };
  const [cause = "unknown"] = found.causes;
  const { received, restored } = found;
  const next = restored === null ? explain.cannotUndo : explain.canUndo;
  const tone = cause === "none" ? "good" : "bad";
  return { tone, word: causeWords(cause).what, why: received === null ? explain.reported : next };
});

/** The same for those who hear it. */
export const explainSays = computed(() => `${saying.value.word} ${saying.value.why}`);

function nothing(): Saying {
  const { explain, verdicts } = words.value;
  const { code } = verdict.value;
  if (code === null) return { tone: "good", word: verdicts["good"]?.word ?? "", why: explain.nothing };
  return { tone: "wait", word: verdicts[code]?.word ?? explain.needsDelivery, why: explain.needsDelivery };
}
