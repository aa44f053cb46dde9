import { type Explanation, explanation, isUndone } from "../state/explain.js";
import { mode, words } from "../state/page.js";
import { verdict } from "../state/verify.js";
import { Banner } from "./banner.js";
import { Comparison } from "./comparison.js";
import { Cures } from "./cure.js";

export function Explain() {
  const { explain } = words.value;
  const found = explanation.value;
  if (found === "searching") return <Banner tone="wait" word={explain.searching} why={words.value.promise} />;
  if (found === "failed") return <Failed />;
  if (found === null) return <Nothing />;
  return <Found found={found} />;
}

function Failed() {
  const { explain } = words.value;
  return (
    <Banner tone="bad" word={explain.failed} why={explain.failedWhy}>
      <ToVerify label={explain.back} />
    </Banner>
  );
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

/** How sure the finding is, and its causes by the names that the package gives them. */
function Causes({ found }: { found: Explanation }) {
  const { explain } = words.value;
  return (
    <>
      <span class={found.certain ? "certain" : "likely"}>{found.certain ? explain.certain : explain.likely}</span>
      <code id="cause" dir="ltr">
        {found.causes.join(", ")}
      </code>
    </>
  );
}

function whatNext({ received, restored }: Explanation): string {
  const { explain } = words.value;
  if (received === null) return explain.reported;
  return restored === null ? explain.cannotUndo : explain.canUndo;
}

function Found({ found }: { found: Explanation }) {
  const { explain, causes } = words.value;
  const [cause = "unknown"] = found.causes;
  const { what } = causes[cause] ?? causes.unknown;
  return (
    <>
      {isUndone.value ? (
        <Banner tone="good" word={explain.undone} why={explain.undoneWhy} badges={<Causes found={found} />}>
          <ToVerify label={explain.back} />
        </Banner>
      ) : (
        <Banner tone="bad" isLong word={what} why={whatNext(found)} badges={<Causes found={found} />}>
          {found.restored !== null && (
            <button type="button" class="main" id="undo" onClick={() => (isUndone.value = true)}>
              {explain.undo}
            </button>
          )}
          <ToVerify label={explain.back} />
        </Banner>
      )}
      <div class="columns">
        {found.received !== null && found.restored !== null && (
          <div class="facts">
            <Comparison received={found.received} restored={found.restored} />
          </div>
        )}
        <div class="facts">
          <Cures causes={found.causes} />
        </div>
      </div>
    </>
  );
}
