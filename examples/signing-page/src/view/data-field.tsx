import { effect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { MAX_DATA } from "../core/limits.js";
import type { Editor } from "../editor/editor.js";
import { editorWords, isEditorShown, isEditorWanted, loadWhenIdle, problems, startEditor } from "../state/editor.js";
import { words } from "../state/page.js";
import { data, edit } from "../state/sign.js";
import { DataProblems } from "./data-problems.js";
import { Choice } from "./fields.js";

export function DataField() {
  const editor = useRef<Editor>(null);
  const isWanted = isEditorWanted.value;
  useEffect(() => (isWanted ? loadWhenIdle() : undefined), [isWanted]);
  return (
    <div class="field">
      <div class="row spread data-head">
        {/* The editor is named by its own attribute: no label reaches into a shadow root. */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: a label is clicked only; the keyboard gets to the editor by Tab. */}
        <label for="data" onClick={() => editor.current?.focus()}>
          {words.value.sign.data}
        </label>
        <Editing />
      </div>
      <textarea
        id="data"
        class="code"
        dir="ltr"
        rows={9}
        spellcheck={false}
        aria-describedby="data-problems"
        hidden={isEditorShown.value}
        value={data.value}
        onPaste={cutLong}
        onInput={(event) => edit(event.currentTarget.value)}
      />
      {isEditorShown.value && <DataEditor editor={editor} />}
      <DataProblems />
    </div>
  );
}

/** A field takes many seconds to show millions of lines. */
function cutLong(event: ClipboardEvent): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (text.length <= MAX_DATA) return;
  event.preventDefault();
  edit(text);
}

/** The switch; where there is no editor, a sentence that says so. */
function Editing() {
  const { editing } = words.value.sign;
  if (startEditor.value === null) return <p class="hint">{editing.unavailable}</p>;
  return (
    <Choice
      name="editing"
      label={editing.label}
      value={isEditorWanted.value ? "editor" : "plain"}
      options={[
        ["editor", editing.editor],
        ["plain", editing.plain],
      ]}
      onValue={(value) => (isEditorWanted.value = value === "editor")}
    />
  );
}

function DataEditor({ editor }: { editor: RefObject<Editor | null> }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const root = host.current?.attachShadow({ mode: "open" });
    const started = root && start(root);
    if (!started) return;
    editor.current = started.editor;
    return () => {
      editor.current = null;
      started.stop();
    };
  }, []);
  return <div id="data-editor" class="code" dir="ltr" ref={host} />;
}

/** Starts the editor, and keeps its text and the state's the same. */
function start(root: ShadowRoot): { editor: Editor; stop: () => void } | null {
  try {
    const editor = startEditor.peek()?.(root, data.peek(), editorWords.peek(), edit);
    if (!editor) return null;
    const stopWords = effect(() => editor.speak(editorWords.value));
    const stopText = effect(() => editor.show(data.value, problems.value));
    const stop = () => [stopWords, stopText, () => editor.destroy()].forEach((end) => void end());
    return { editor, stop };
  } catch {
    startEditor.value = null;
    return null;
  }
}
