import { words } from "../state/page.js";
import { type Kept, keepFile, keepText, kept, release } from "../state/kept.js";
import { body, bodyBase64, bodyKind, bodyText, isBodyFromHeader, isSample, isSecretInBody } from "../state/verify.js";

/** A text field takes long to show more, and shows nothing that a person would read. */
const MAX_CHARACTERS = 32_000;

export function BodyField() {
  const { body: text } = words.value;
  const size = body.value?.length ?? kept.value?.size;
  return (
    <>
      {kept.value !== null ? <KeptBytes of={kept.value} /> : bodyKind.value === "file" ? <FileInput /> : <TextInput />}
      <p class="hint">
        <span id="body-size">{size === undefined ? "" : text.bytes(size)}</span>
        {isBodyFromHeader.value && <span> {text.fromHeader}</span>}
      </p>
      {isSecretInBody.value && (
        <p class="warning" role="alert">
          {text.secretWarning}
        </p>
      )}
    </>
  );
}

function TextInput() {
  const field = bodyKind.value === "base64" ? bodyBase64 : bodyText;
  return (
    <textarea
      id="body"
      class="code"
      dir="ltr"
      rows={9}
      spellcheck={false}
      autocomplete="off"
      value={field.value}
      onPaste={keepExact}
      onDrop={drop}
      onInput={(event) => {
        isSample.value = false;
        const { value } = event.currentTarget;
        if (value.length > MAX_CHARACTERS) keep(value);
        else field.value = value;
      }}
    />
  );
}

/** A text field turns CRLF into LF, which are other bytes, and lays out long text before the verdict could be seen. */
function keepExact(event: ClipboardEvent & { currentTarget: HTMLTextAreaElement }): void {
  const file = event.clipboardData?.files[0];
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const { value, selectionStart, selectionEnd } = event.currentTarget;
  const all = value.slice(0, selectionStart) + text + value.slice(selectionEnd);
  if (file !== undefined && text === "") {
    event.preventDefault();
    take(file);
  } else if (all.length > MAX_CHARACTERS || wouldChange(text)) {
    event.preventDefault();
    keep(all);
  }
}

function wouldChange(text: string): boolean {
  return text.includes("\r") && bodyKind.value === "text";
}

function drop(event: DragEvent): void {
  const file = event.dataTransfer?.files[0];
  const text = event.dataTransfer?.getData("text/plain") ?? "";
  if (file !== undefined) {
    event.preventDefault();
    take(file);
  } else if (text.length > MAX_CHARACTERS || wouldChange(text)) {
    event.preventDefault();
    keep(text);
  }
}

function take(file: File): void {
  isSample.value = false;
  void keepFile(file);
}

function keep(text: string): void {
  isSample.value = false;
  keepText(text, bodyKind.value === "base64" ? "base64" : "text");
}

function FileInput() {
  const { body: text } = words.value;
  return (
    <label class="drop" onDrop={drop} onDragOver={(event) => event.preventDefault()}>
      <input
        id="body"
        type="file"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) take(file);
        }}
      />
      <span>{text.choose}</span>
    </label>
  );
}

function KeptBytes({ of: { name } }: { of: Kept }) {
  const { body: text } = words.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset lays its content out otherwise.
    <div
      class="drop kept"
      role="group"
      aria-label={text.label}
      onDrop={drop}
      onDragOver={(event) => event.preventDefault()}
    >
      <div>
        <p>
          <bdi>{name ?? text.pasted}</bdi>
        </p>
        {name === null && <p class="hint">{text.keptBytes}</p>}
      </div>
      {/* Not "body": a click on that label would be one on the button. */}
      <button type="button" id="remove-body" onClick={release}>
        {text.remove}
      </button>
    </div>
  );
}
