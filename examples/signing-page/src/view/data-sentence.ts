import { computed } from "@preact/signals";
import { placeOf } from "../core/json.js";
import { words } from "../state/page.js";
import { canonical, data, hurdle, reading } from "../state/sign.js";
import { isolated } from "./isolated.js";

/** What keeps the event from being signed, or would surprise, in one sentence; empty if there is nothing. */
export const dataSentence = computed((): string => {
  const { sign } = words.value;
  if (hurdle.value === "fault") return faultSentence.value;
  if (hurdle.value !== null) return sign[hurdle.value];
  const { complaint } = canonical.value;
  if (complaint !== null) return `${sign.noCanonicalForm} ${complaint}`;
  const { duplicates, inexact } = reading.value;
  if (duplicates.length > 0) return sign.duplicates(isolated(duplicates));
  return inexact.length > 0 ? sign.inexact(isolated(inexact)) : "";
});

/** What is wrong with the JSON, and where; empty if nothing is. */
export const faultSentence = computed((): string => {
  const { sign } = words.value;
  const { fault } = reading.value;
  if (fault === null) return "";
  const { line, column } = placeOf(data.value, fault.offset);
  return `${sign.place(line, column)} ${sign.faults[fault.code]}`;
});
