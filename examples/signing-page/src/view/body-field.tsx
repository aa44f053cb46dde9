import { encode } from "../core/bytes.js";
import { words } from "../state/page.js";
import { body, bodyBase64, bodyKind, bodyText, isBodyFromHeader, isSample, isSecretInBody, kept } from "../state/verify.js";

/** A text field takes long to show more, and shows nothing that a person would read. */
const MAX_CHARACTERS = 400_000;

export function BodyField() {
  const { body: text } = words.value;
  return (
    <>
      {kept.value !== null ? <KeptBytes /> : bodyKind.value === "file" ? <FileInput /> : <TextInput />}
      <p class="hint">
        <span id="body-size">{body.value === null ? "" : text.bytes(body.value.length)}</span>
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
      onDrop={dropFile}
      onInput={(event) => {
        isSample.value = false;
        const { value } = event.currentTarget;
        if (value.length > MAX_CHARACTERS && bodyKind.value === "text") keep(null, encode(value));
        else field.value = value;
      }}
    />
  );
}

/** A text field turns CRLF into LF, which are other bytes. */
function keepExact(event: ClipboardEvent & { currentTarget: HTMLTextAreaElement }): void {
  const file = event.clipboardData?.files[0];
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const { value, selectionStart, selectionEnd } = event.currentTarget;
  const isWhole = selectionEnd - selectionStart === value.length;
  const isChanged = text.includes("\r") || text.length > MAX_CHARACTERS;
  if (file !== undefined && text === "") {
    event.preventDefault();
    void take(file);
  } else if (isWhole && isChanged && bodyKind.value === "text") {
    event.preventDefault();
    keep(null, encode(text));
  }
}

function dropFile(event: DragEvent): void {
  const file = event.dataTransfer?.files[0];
  if (file === undefined) return;
  event.preventDefault();
  void take(file);
}

async function take(file: File): Promise<void> {
  keep(file.name, new Uint8Array(await file.arrayBuffer()));
}

function keep(name: string | null, bytes: Uint8Array<ArrayBuffer>): void {
  kept.value = { name, bytes };
  isSample.value = false;
}

function FileInput() {
  const { body: text } = words.value;
  return (
    <label class="drop" onDrop={dropFile} onDragOver={(event) => event.preventDefault()}>
      <input
        id="body"
        type="file"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) void take(file);
        }}
      />
      <span>{text.choose}</span>
    </label>
  );
}

function KeptBytes() {
  const { body: text } = words.value;
  const name = kept.value?.name ?? null;
  return (
    <div class="drop kept">
      <div>
        <p>
          <bdi>{name ?? text.pasted}</bdi>
        </p>
        {name === null && <p class="hint">{text.keptBytes}</p>}
      </div>
      <button type="button" id="body" onClick={() => (kept.value = null)}>
        {text.remove}
      </button>
    </div>
  );
}
