import { type Explanation, explanation, isUndone } from "../state/explain.js";
import { mode, words } from "../state/page.js";
import { Banner } from "./banner.js";
import { Comparison } from "./comparison.js";
import { Cures } from "./cure.js";
import { saying } from "./explain-says.js";

export function Explain() {
  const found = explanation.value;
  if (found === "searching") return <Banner {...saying.value} />;
  if (found === "failed") return <Failed />;
  if (found === null) return <Nothing />;
  return <Found found={found} />;
}

function Failed() {
  return (
    <Banner {...saying.value}>
      <ToVerify label={words.value.explain.back} />
    </Banner>
  );
}

function Nothing() {
  return (
    <Banner {...saying.value}>
      <ToVerify label={words.value.explain.toVerify} />
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

function Found({ found }: { found: Explanation }) {
  const { explain } = words.value;
  const isUndoOffered = found.restored !== null && !isUndone.value;
  return (
    <>
      <Banner {...saying.value} isLong={!isUndone.value} badges={<Causes found={found} />}>
        {isUndoOffered && (
          <button type="button" class="main" id="undo" onClick={() => (isUndone.value = true)}>
            {explain.undo}
          </button>
        )}
        <ToVerify label={explain.back} />
      </Banner>
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
