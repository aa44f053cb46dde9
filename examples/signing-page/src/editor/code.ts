// CodeMirror, in a bundle of its own that does not run until Sign is opened.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { jsonLanguage } from "@codemirror/lang-json";
import { bidiIsolates, bracketMatching, indentOnInput } from "@codemirror/language";
import { type Diagnostic, nextDiagnostic, previousDiagnostic, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap } from "@codemirror/view";
import { MAX_DATA } from "../core/limits.js";
import type { Editor, EditorWords, Problem } from "./editor.js";
import { theme } from "./theme.js";

globalThis.startEditor = (...parts) => new CodeMirrorEditor(...parts);

const extensions = [
  jsonLanguage,
  history(),
  indentOnInput(),
  bracketMatching(),
  bidiIsolates(),
  // Zero-width characters and marks of direction are signed too, and cannot be seen.
  highlightSpecialChars(),
  EditorView.lineWrapping,
  // Millions of lines would take seconds. This is long enough for the page to say that it is too long.
  EditorView.clipboardInputFilter.of((text) => text.slice(0, MAX_DATA + 1)),
  // None of these keys is Tab, which leaves the editor as it leaves any field.
  keymap.of([
    ...defaultKeymap,
    ...historyKeymap,
    { key: "F8", run: nextDiagnostic },
    { key: "Shift-F8", run: previousDiagnostic },
  ]),
  theme,
];

class CodeMirrorEditor implements Editor {
  private readonly view: EditorView;
  private readonly phrases = new Compartment();
  private isInvalid = false;

  constructor(
    root: ShadowRoot,
    text: string,
    private words: EditorWords,
    onText: (text: string) => void,
  ) {
    const own = [
      this.phrases.of(EditorState.phrases.of(words.phrases)),
      EditorView.contentAttributes.of(() => this.attributes()),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (docChanged) onText(state.doc.toString());
      }),
    ];
    this.view = new EditorView({ root, parent: root, doc: text, extensions: [own, extensions] });
  }

  private attributes(): Record<string, string> {
    return { "aria-label": this.words.label, "aria-invalid": String(this.isInvalid) };
  }

  show(text: string, problems: readonly Problem[]): void {
    const { doc } = this.view.state;
    // Its listener shows the problems of the new text.
    if (doc.toString() !== text) this.view.dispatch({ changes: { from: 0, to: doc.length, insert: text } });
    this.isInvalid = problems.some(({ severity }) => severity === "error");
    this.view.dispatch(setDiagnostics(this.view.state, problems.map(diagnostic)));
  }

  speak(words: EditorWords): void {
    this.words = words;
    this.view.dispatch({ effects: this.phrases.reconfigure(EditorState.phrases.of(words.phrases)) });
  }

  focus(): void {
    this.view.focus();
  }

  destroy(): void {
    this.view.destroy();
  }
}

function diagnostic({ from, to, severity, message }: Problem): Diagnostic {
  const renderMessage = () => Object.assign(document.createElement("span"), { dir: "auto", textContent: message });
  return { from, to, severity, message, renderMessage };
}
