import { partsOf } from "../core/signature.js";
import { words } from "../state/page.js";
import { pasted } from "../state/pasted.js";
import { body, verdict } from "../state/verify.js";

const SHOWN_BYTES = 160;

/** As text, without a character that is cut in half. */
function beginning(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, SHOWN_BYTES), { stream: true });
}

/** The header in its parts, and the text that each `v1` is made of, in the same colours. */
export function SignedParts() {
  const { parts: text } = words.value;
  const { signature } = pasted.value;
  return (
    <section class="card">
      <h2>{text.title}</h2>
      {signature === null ? <p class="hint">{text.none}</p> : <Parts signature={signature} />}
    </section>
  );
}

function Parts({ signature }: { signature: string }) {
  const { parts: text } = words.value;
  const { parts, more } = partsOf(signature);
  const bytes = body.value ?? new Uint8Array();
  let v1s = -1;
  return (
    <>
      <ol class="parts" dir="ltr">
        {parts.map(({ kind, text: part }, index) => {
          if (kind === "v1") v1s++;
          const isMatch = kind === "v1" && verdict.value.v1Index === v1s;
          return (
            <li key={index} class={`part ${kind}${isMatch ? " match" : ""}`}>
              <code>{part === "" ? "\u00a0" : part}</code>
              <span class="tag" dir="auto">
                {isMatch ? "✓ " : ""}
                {text[kind]}
              </span>
            </li>
          );
        })}
      </ol>
      {more > 0 && <p class="hint">{text.more(more)}</p>}
      <p class="hint">{text.covers}</p>
      <p class="message covered" dir="ltr">
        <code>
          <span class="t">{verdict.value.time ?? "?"}</span>
          <span class="dot">.</span>
          <span class="body">{beginning(bytes)}</span>
          {bytes.length > SHOWN_BYTES && <span class="dot">…</span>}
        </code>
      </p>
    </>
  );
}
