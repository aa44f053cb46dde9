import { mode, type Mode, language, theme, words } from "../state/page.js";
import { explain } from "../state/explain.js";
import { Explain } from "./explain.js";
import { Choice } from "./fields.js";
import { Sign } from "./sign.js";
import { Verify } from "./verify.js";

const MODES: readonly Mode[] = ["verify", "explain", "sign"];

export function Page() {
  const { title, promise } = words.value;
  return (
    <>
      <header class="top">
        <div class="brand">
          <h1>{title}</h1>
          <p>{promise}</p>
        </div>
        <Settings />
      </header>
      <Modes />
      <main>{mode.value === "verify" ? <Verify /> : mode.value === "explain" ? <Explain /> : <Sign />}</main>
    </>
  );
}

function Settings() {
  const { themes, otherLanguage } = words.value;
  const other = language.value === "ar" ? "en" : "ar";
  return (
    <div class="settings">
      <Choice
        name="theme"
        label={themes.label}
        value={theme.value}
        options={[
          ["auto", themes.auto],
          ["light", themes.light],
          ["dark", themes.dark],
        ]}
        onValue={(value) => (theme.value = value)}
      />
      <button type="button" id="language" lang={other} onClick={() => (language.value = other)}>
        {otherLanguage}
      </button>
    </div>
  );
}

function Modes() {
  const { modes } = words.value;
  const open = (chosen: Mode) => (chosen === "explain" ? void explain() : (mode.value = chosen));
  return (
    <nav class="modes" aria-label={modes.label}>
      {MODES.map((name) => (
        <button
          key={name}
          type="button"
          id={`mode-${name}`}
          aria-current={mode.value === name ? "page" : undefined}
          onClick={() => open(name)}
        >
          {modes[name]}
        </button>
      ))}
    </nav>
  );
}
