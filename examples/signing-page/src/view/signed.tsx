import { signal } from "@preact/signals";
import { copyAs, FORMS, type Form, NAMES } from "../core/copies.js";
import { partsOf } from "../core/signature.js";
import { words } from "../state/page.js";
import { canonical, signature, signed } from "../state/sign.js";
import { CopyButton } from "./copy-button.js";
import { Choice } from "./fields.js";

const form = signal<Form>("curl");

/** The header and the body as one types, and the request in the form that one needs. */
export function Signed() {
  const { sign, verdicts } = words.value;
  const { code, header } = signature.value;
  const waiting = canonical.value.body === null ? sign.blocked : sign.waiting;
  return (
    <div class="facts">
      <section class="card">
        <h2>{sign.header}</h2>
        <div class="slot">
          {header === null ? (
            <p class="hint">{code === null ? waiting : (verdicts[code]?.why ?? code)}</p>
          ) : (
            <Header header={header} />
          )}
        </div>
      </section>
      <section class="card">
        <h2>{sign.canonical}</h2>
        <pre class="message tall" dir="ltr" tabindex={0}>
          <code id="canonical">{canonical.value.body ?? ""}</code>
        </pre>
      </section>
      <Copies />
    </div>
  );
}

function Header({ header }: { header: string }) {
  return (
    <p class="message" dir="ltr">
      <code id="signed-header">
        {partsOf(header).parts.map(({ kind, text }, index) => (
          <>
            {index > 0 && <span class="dot">,</span>}
            <span class={kind}>{text}</span>
          </>
        ))}
      </code>
    </p>
  );
}

function Copies() {
  const { sign } = words.value;
  const text = signed.value === null ? "" : copyAs(form.value, signed.value);
  return (
    <section class="card">
      <div class="row spread">
        <h2>{sign.copyAs}</h2>
        <CopyButton text={text} label={sign.copy} done={sign.copied} />
      </div>
      <Choice
        name="form"
        label={sign.copyAs}
        value={form.value}
        options={FORMS.map((name) => [name, NAMES[name]] as const)}
        onValue={(value) => (form.value = value)}
      />
      <pre class="message tall" dir="ltr" tabindex={0} hidden={text === ""}>
        <code id="copy-text">{text}</code>
      </pre>
      {form.value === "vitest" && <p class="hint">{sign.needsSecretInEnvironment}</p>}
    </section>
  );
}
