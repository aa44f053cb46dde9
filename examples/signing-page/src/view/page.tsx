import { explain } from "../state/explain.js";
import { language, type Mode, mode, type Theme, theme, words } from "../state/page.js";
import { Explain } from "./explain.js";
import { Icon, Mark } from "./icons.js";
import { Proof } from "./proof.js";
import { Sign } from "./sign.js";
import { Status } from "./status.js";
import { Verify } from "./verify.js";

const MODES: readonly Mode[] = ["verify", "explain", "sign"];
const NEXT_THEME: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

export function Page() {
  const { title, promise } = words.value;
  return (
    <>
      <header>
        <div class="top">
          <Mark />
          <h1>{title}</h1>
          <Settings />
        </div>
        <p class="promise">
          <Icon name="lock" />
          <span>{promise}</span>
        </p>
      </header>
      <Modes />
      <Status />
      <main>{mode.value === "verify" ? <Verify /> : mode.value === "explain" ? <Explain /> : <Sign />}</main>
      <Proof />
    </>
  );
}

function Settings() {
  const { themes, otherLanguage } = words.value;
  const other = language.value === "ar" ? "en" : "ar";
  const themeLabel = `${themes.label}: ${themes[theme.value]}`;
  return (
    <div class="settings">
      <button
        type="button"
        id="theme"
        class="only-icon"
        title={themeLabel}
        aria-label={themeLabel}
        onClick={() => (theme.value = NEXT_THEME[theme.value])}
      >
        <Icon name={theme.value} />
      </button>
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
