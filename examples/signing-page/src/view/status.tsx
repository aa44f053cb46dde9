import { effect, signal } from "@preact/signals";
import { mode } from "../state/page.js";
import { dataSentence } from "./data-sentence.js";
import { explainSays } from "./explain-says.js";
import { verifySays } from "./verify-says.js";

/** Nobody can listen to a sentence at each key. */
const REST_MS = 1000;

const said = signal("");

effect(() => {
  if (mode.value !== "sign") return void (said.value = (mode.value === "verify" ? verifySays : explainSays).value);
  const sentence = dataSentence.value;
  const timer = setTimeout(() => (said.value = sentence), REST_MS);
  return () => clearTimeout(timer);
});

/** The one place where screen readers hear what happens. They miss what a new one is born with, so it stays. */
export function Status() {
  return (
    <p class="unseen" id="status" role="status">
      {said.value}
    </p>
  );
}
