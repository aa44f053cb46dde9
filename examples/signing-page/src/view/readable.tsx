import { decodeBeginning, toHex } from "../core/bytes.js";
import { readJson } from "../core/json.js";
import { words } from "../state/page.js";
import { shownBody } from "../state/shown.js";
import { isolated } from "./isolated.js";
import { Json } from "./json.js";

const SHOWN_CHARACTERS = 20_000;
const MAX_BYTES = 4 * SHOWN_CHARACTERS;
const SHOWN_BYTES = 48;

/** The body for people: escapes read, lines broken, Arabic from right to left. */
export function Readable() {
  const { readable } = words.value;
  const bytes = shownBody.value;
  if (bytes === null || bytes.length === 0) return null;
  const text = decodeBeginning(bytes, MAX_BYTES);
  const isCut = (text ?? "").length > SHOWN_CHARACTERS || bytes.length > MAX_BYTES;
  return (
    <section class="card">
      <h2>{readable.title}</h2>
      {text === null ? <Binary bytes={bytes} /> : <Text text={text.slice(0, SHOWN_CHARACTERS)} isCut={isCut} />}
      {isCut && <p class="hint">{readable.cut}</p>}
    </section>
  );
}

function Text({ text, isCut }: { text: string; isCut: boolean }) {
  const { readable } = words.value;
  const { tokens, fault, duplicates, inexact } = readJson(text);
  if (fault !== null && !isCut) return <p class="hint">{readable.notJson}</p>;
  return (
    <>
      <Json tokens={tokens} />
      {duplicates.length > 0 && <p class="hint">{readable.duplicates(isolated(duplicates))}</p>}
      {inexact.length > 0 && <p class="hint">{readable.inexact(isolated(inexact))}</p>}
    </>
  );
}

function Binary({ bytes }: { bytes: Uint8Array }) {
  const hex = toHex(bytes.subarray(0, SHOWN_BYTES)).match(/../g) ?? [];
  return (
    <>
      <p class="hint">{words.value.readable.binary}</p>
      <p class="message" dir="ltr">
        <code>{hex.join(" ")}</code>
      </p>
    </>
  );
}
