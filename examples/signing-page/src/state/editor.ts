// Whether the data is edited in the editor or the plain field. Nothing keeps the choice but this page.
import { computed, signal } from "@preact/signals";
import { placeOf } from "../core/json.js";
import type { EditorWords, Problem, StartEditor } from "../editor/editor.js";
import { loadEditor } from "../editor/load.js";
import { words } from "./page.js";
import { data, reading } from "./sign.js";

/** Keyboards on screens, and the readers that come with them, do better with a plain field. */
export const isEditorWanted = signal(!matchMedia("(pointer: coarse)").matches);

/** What starts the editor; undefined until it is loaded, null where it cannot run. */
export const startEditor = signal<StartEditor | null | undefined>(undefined);

const MAX_PROBLEMS = 200;
const MAX_WAIT_MS = 1000;

export const isEditorShown = computed(() => isEditorWanted.value && !!startEditor.value);

export const editorWords = computed((): EditorWords => {
  const { sign } = words.value;
  return { label: sign.data, phrases: sign.editing.phrases };
});

/** What is wrong with the data, and what would surprise, at their places. */
export const problems = computed((): Problem[] => {
  const { sign } = words.value;
  const { fault, remarks } = reading.value;
  const warnings = remarks.slice(0, MAX_PROBLEMS).map(({ code, from, to }): Problem => {
    return { from, to, severity: "warning", message: sign.editing[code] };
  });
  if (fault === null) return warnings;
  const { code, offset } = fault;
  const { line, column } = placeOf(data.value, offset);
  const message = `${sign.place(line, column)} ${sign.faults[code]}`;
  return [...warnings, { from: offset, to: Math.min(offset + 1, data.value.length), severity: "error", message }];
});

/** Loads the editor when the browser has nothing else to do. Returns a function that cancels this. */
export function loadWhenIdle(): () => void {
  if (typeof requestIdleCallback === "function") {
    const id = requestIdleCallback(load, { timeout: MAX_WAIT_MS });
    return () => cancelIdleCallback(id);
  }
  const timer = setTimeout(load, MAX_WAIT_MS / 5);
  return () => clearTimeout(timer);
}

function load(): void {
  const field = document.activeElement;
  // Nobody loses the plain field, and the place in it, while typing.
  if (field?.id === "data") field.addEventListener("blur", load, { once: true });
  else startEditor.value ??= loadEditor();
}
