import { computed } from "@preact/signals";
import { words } from "../state/page.js";
import { verdict } from "../state/verify.js";

/** The verdict in words, which stay the same while the clock ticks. */
export const verifySays = computed(() => {
  const { verdicts, unknownVerdict } = words.value;
  const { code } = verdict.value;
  const { word, why } = verdicts[code ?? "good"] ?? { word: unknownVerdict, why: code ?? "" };
  return `${word}. ${why}`;
});
