import { effect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Editor } from "../editor/editor.js";
import { editorWords, isEditorShown, isEditorWanted, isTooLong, loadWhenIdle, problems, startEditor } from "../state/editor.js";
import { words } from "../state/page.js";
import { data } from "../state/sign.js";
import { DataProblems } from "./data-problems.js";
import { Choice } from "./fields.js";

export function DataField() {
  const editor = useRef<Editor>(null);
  const plain = useRef<HTMLTextAreaElement>(null);
  const isWanted = isEditorWanted.value;
  useEffect(() => (isWanted ? loadWhenIdle() : undefined), [isWanted]);
  return (
    <div class="field">
      <div class="row spread data-head">
        {/* The editor is named by its own attribute: no label reaches into a shadow root. */}
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
        ref={plain}
        hidden={isEditorShown.value}
        value={data.value}
        onInput={(event) => (data.value = event.currentTarget.value)}
      />
      {isEditorShown.value && <DataEditor editor={editor} plain={plain} />}
      <DataProblems />
    </div>
  );
}

/** The switch; in its place, why there is no editor. */
function Editing() {
  const { editing } = words.value.sign;
  if (startEditor.value === null) return <p class="hint">{editing.unavailable}</p>;
  if (isTooLong.value) return <p class="hint">{editing.tooLong}</p>;
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

interface DataEditorProps {
  editor: RefObject<Editor | null>;
  plain: RefObject<HTMLTextAreaElement | null>;
}

function DataEditor({ editor, plain }: DataEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const root = host.current?.attachShadow({ mode: "open" });
    const started = root && start(root);
    if (!started) return;
    editor.current = started.editor;
    return () => {
      editor.current = null;
      // Not lost when a text that is too long for the editor was pasted into it.
      if (root.activeElement !== null) setTimeout(() => plain.current?.focus());
      started.stop();
    };
  }, []);
  return <div id="data-editor" class="code" dir="ltr" ref={host} />;
}

/** Starts the editor and keeps it and the state alike. */
function start(root: ShadowRoot): { editor: Editor; stop: () => void } | null {
  try {
    const editor = startEditor.peek()?.(root, data.peek(), editorWords.peek(), (text) => (data.value = text));
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
