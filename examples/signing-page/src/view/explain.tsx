import { type Explanation, explanation, isUndone } from "../state/explain.js";
import { mode, words } from "../state/page.js";
import { verdict } from "../state/verify.js";
import { Banner } from "./banner.js";
import { Comparison } from "./comparison.js";
import { Cure } from "./cure.js";

export function Explain() {
  const { explain } = words.value;
  const found = explanation.value;
  if (found === "searching") return <Banner tone="wait" word={explain.searching} why={words.value.promise} />;
  if (found === null) return <Nothing />;
  return <Found found={found} />;
}

function Nothing() {
  const { explain, verdicts } = words.value;
  const { code } = verdict.value;
  const word = code === null ? verdicts["good"]?.word : verdicts[code]?.word;
  return (
    <Banner
      tone={code === null ? "good" : "wait"}
      word={word ?? explain.needsDelivery}
      why={code === null ? explain.nothing : explain.needsDelivery}
    >
      <ToVerify label={explain.toVerify} />
    </Banner>
  );
}

function ToVerify({ label }: { label: string }) {
  return (
    <button type="button" id="to-verify" onClick={() => (mode.value = "verify")}>
      {label}
    </button>
  );
}

function Found({ found }: { found: Explanation }) {
  const { explain, causes } = words.value;
  const [cause = "unknown", ...also] = found.causes;
  const { what } = causes[cause] ?? causes.unknown;
  const certainty = found.certain ? explain.certain : explain.likely;
  const more = found.received === null ? explain.reported : undefined;
  return (
    <>
      {isUndone.value ? (
        <Banner tone="good" word={explain.undone} why={explain.undoneWhy} />
      ) : (
        <Banner tone="bad" isLong word={what} why={certainty} more={more} />
      )}
      <div class="columns even">
        <div class="facts">
          {found.received !== null && found.restored !== null && (
            <Comparison received={found.received} restored={found.restored} />
          )}
          <div class="row actions">
            {found.restored !== null && (
              <button type="button" class="main" id="undo" disabled={isUndone.value} onClick={() => (isUndone.value = true)}>
                {explain.undo}
              </button>
            )}
            {found.received !== null && found.restored === null && <p class="hint">{explain.cannotUndo}</p>}
            <ToVerify label={explain.back} />
          </div>
        </div>
        <div class="facts">
          <Cure cause={cause} />
          {also.length > 0 && <h2>{explain.also}</h2>}
          {also.map((other) => (
            <Cure key={other} cause={other} />
          ))}
          <p class="hint" dir="ltr">
            <code id="cause">{found.causes.join(", ")}</code>
          </p>
        </div>
      </div>
    </>
  );
}
