/** A stretch of the text with something to say about it. */
export interface Problem {
  readonly from: number;
  readonly to: number;
  readonly severity: "error" | "warning";
  readonly message: string;
}

export interface EditorWords {
  /** What a screen reader calls the editor. */
  readonly label: string;
  readonly phrases: Readonly<Record<string, string>>;
}

export interface Editor {
  show(text: string, problems: readonly Problem[]): void;
  speak(words: EditorWords): void;
  focus(): void;
  destroy(): void;
}

export type StartEditor = (
  root: ShadowRoot,
  text: string,
  words: EditorWords,
  onText: (text: string) => void,
) => Editor;

declare global {
  /** What the editor's code defines once it has run. */
  var startEditor: StartEditor | undefined;
}
