import type { Cause } from "@dealix/webhooks/testing";
import { signal } from "@preact/signals";
import { words } from "../state/page.js";
import { FRAMEWORKS } from "../words/frameworks.js";
import { causeWords } from "./cause-words.js";

const framework = signal(Object.keys(FRAMEWORKS)[0] as string);

/** The causes whose cure is to verify the raw body. */
const OF_BODY: readonly Cause[] = [
  "body_parsed",
  "byte_order_mark",
  "newline",
  "line_endings",
  "charset",
  "base64_body",
  "body_rewritten",
  "body_truncated",
  "empty_body",
];

/** What to do about each cause, the first of which is what the verdict names. */
export function Cures({ causes: found }: { causes: readonly Cause[] }) {
  const { explain } = words.value;
  const [first = "unknown", ...also] = found;
  return (
    <section class="card">
      <h2>{explain.cure}</h2>
      <p>{causeWords(first).cure}</p>
      {also.length > 0 && <h2>{explain.also}</h2>}
      {also.map((cause) => (
        <p key={cause}>{causeWords(cause).cure}</p>
      ))}
      {found.some((cause) => OF_BODY.includes(cause)) && <InFramework />}
    </section>
  );
}

function InFramework() {
  return (
    <div class="field">
      <label for="framework">{words.value.explain.framework}</label>
      <select
        id="framework"
        value={framework.value}
        onChange={(event) => (framework.value = event.currentTarget.value)}
      >
        {Object.keys(FRAMEWORKS).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <pre class="message" dir="ltr" tabindex={0}>
        <code>{FRAMEWORKS[framework.value]}</code>
      </pre>
    </div>
  );
}
