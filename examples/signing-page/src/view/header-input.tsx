import { readPasted } from "../pasted/read.js";
import { words } from "../state/page.js";
import { choose, chosen, deliveries, header, pasted } from "../state/pasted.js";
import { keepSource, keepSourceFile, releaseSource, source } from "../state/source.js";
import { isSample } from "../state/verify.js";
import { Field } from "./fields.js";

/** A text field takes long to show more. */
const MAX_CHARACTERS = 20_000;

export function HeaderInput() {
  const { header: text, kinds } = words.value;
  const { kind } = pasted.value;
  const isRead = kind !== "empty" && kind !== "too_long" && kind !== "value";
  return (
    <>
      <Field id="header" label={text.label} hint={isRead ? kinds[kind] : text.hint} isGroup={source.value !== null}>
        {source.value === null ? <TextInput /> : <KeptSource />}
      </Field>
      {deliveries.value.length > 1 && <Entries />}
    </>
  );
}

function TextInput() {
  return (
    <>
      <textarea
        id="header"
        class="code short"
        dir="ltr"
        rows={3}
        spellcheck={false}
        autocomplete="off"
        aria-describedby="header-hint"
        value={header.value}
        onPaste={keepLong}
        onDrop={drop}
        onInput={(event) => {
          header.value = event.currentTarget.value;
          isSample.value = false;
        }}
      />
      <label class="pick">
        {words.value.header.file}
        <input id="header-file" class="unseen" type="file" onChange={(event) => take(event.currentTarget.files?.[0])} />
      </label>
    </>
  );
}

/** Keeps what the field would take long to show, or would change: it turns CRLF in a request's body into LF. */
function keepLong(event: ClipboardEvent & { currentTarget: HTMLTextAreaElement }): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const { value, selectionStart, selectionEnd } = event.currentTarget;
  const all = value.slice(0, selectionStart) + text + value.slice(selectionEnd);
  if (all.length <= MAX_CHARACTERS && !hasReturns(all)) return;
  event.preventDefault();
  isSample.value = false;
  keepSource(all);
}

function hasReturns(text: string): boolean {
  return text.includes("\r") && readPasted(text).deliveries.some(({ body }) => body?.includes(13));
}

function drop(event: DragEvent): void {
  const file = event.dataTransfer?.files[0];
  if (file === undefined) return;
  event.preventDefault();
  take(file);
}

function take(file: File | undefined): void {
  if (file === undefined) return;
  isSample.value = false;
  keepSourceFile(file);
}

function KeptSource() {
  const { body } = words.value;
  const { name = null, size = 0 } = source.value ?? {};
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset lays its content out otherwise.
    <div
      class="drop kept"
      role="group"
      aria-labelledby="header-label"
      onDrop={drop}
      onDragOver={(event) => event.preventDefault()}
    >
      <div>
        <p>
          <bdi>{name ?? body.pasted}</bdi>
        </p>
        <p class="hint">{body.bytes(size)}</p>
      </div>
      <button type="button" id="remove-header" onClick={releaseSource}>
        {body.remove}
      </button>
    </div>
  );
}

/** The deliveries of a recording. */
function Entries() {
  return (
    <Field id="entry" label={words.value.header.entry}>
      <select
        id="entry"
        dir="ltr"
        value={String(chosen.value)}
        onChange={(event) => {
          choose(Number(event.currentTarget.value));
          isSample.value = false;
        }}
      >
        {deliveries.value.map(({ title }, index) => (
          <option key={index} value={String(index)}>
            {index + 1}. {title}
          </option>
        ))}
      </select>
    </Field>
  );
}
