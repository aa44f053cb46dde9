import { placeOf } from "../core/json.js";
import { words } from "../state/page.js";
import { canonical, data, hurdle, reading } from "../state/sign.js";
import { faultSentence } from "./data-sentence.js";
import { isolated } from "./isolated.js";

/** What is wrong with the data, and where; and what JavaScript would change in it. */
export function DataProblems() {
  const { sign } = words.value;
  const { duplicates, inexact } = reading.value;
  const { complaint } = canonical.value;
  // Those of other fields stand under them.
  const ofData = hurdle.value === "tooLong" || hurdle.value === "notObject" ? hurdle.value : null;
  const isFine =
    hurdle.value !== "fault" && ofData === null && complaint === null && duplicates.length + inexact.length === 0;
  return (
    <div id="data-problems">
      {isFine && <p class="hint">{sign.canonicalForm}</p>}
      {hurdle.value === "fault" && <Fault />}
      {ofData !== null && <p class="warning">{sign[ofData]}</p>}
      {complaint !== null && (
        <p class="warning">
          {sign.noCanonicalForm} <bdi dir="ltr">{complaint}</bdi>
        </p>
      )}
      {duplicates.length > 0 && <p class="hint">{sign.duplicates(isolated(duplicates))}</p>}
      {inexact.length > 0 && <p class="hint">{sign.inexact(isolated(inexact))}</p>}
    </div>
  );
}

function Fault() {
  const { fault } = reading.value;
  if (fault === null) return null;
  const { line, column } = placeOf(data.value, fault.offset);
  const text = data.value.split("\n")[line - 1] ?? "";
  const start = Math.max(0, column - 25);
  return (
    <div class="warning">
      <p>{faultSentence.value}</p>
      <p class="fault" dir="ltr">
        <code>
          {start > 0 && "…"}
          {text.slice(start, column - 1)}
          <mark>{text[column - 1] ?? "⏎"}</mark>
          {text.slice(column, column + 24)}
        </code>
      </p>
    </div>
  );
}
