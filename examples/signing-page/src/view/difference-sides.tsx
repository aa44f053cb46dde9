import type { Omission, Piece, Side } from "../core/difference.js";
import { words } from "../state/page.js";
import { Visible } from "./visible.js";

interface SidesProps {
  pieces: readonly Piece[];
  /** Whether the pieces are bytes in hex. */
  isHex?: boolean | undefined;
}

/** What was signed above what arrived. */
export function Sides({ pieces, isHex = false }: SidesProps) {
  const { explain } = words.value;
  return (
    <>
      <OneSide side="signed" label={explain.signed} pieces={pieces} isHex={isHex} />
      <OneSide side="received" label={explain.received} pieces={pieces} isHex={isHex} />
    </>
  );
}

function OneSide({ side, label, pieces, isHex = false }: SidesProps & { side: Side; label: string }) {
  const other = side === "signed" ? "received" : "signed";
  const own = pieces.filter(({ kind, of }) => kind !== other && of !== other);
  return (
    <figure class={`side ${side}`}>
      <figcaption>{label}</figcaption>
      <p class="message" dir="ltr">
        <code>
          {isHex
            ? own.map((piece, index) => <PieceView key={index} piece={piece} isHex />)
            : runs(own).map((run, index) => (
                <bdi key={index}>
                  {run.map((piece, index) => (
                    <PieceView key={index} piece={piece} />
                  ))}
                </bdi>
              ))}
        </code>
      </p>
    </figure>
  );
}

/** A quote, or what is between two; an escaped quote is neither. */
const PART = /(?:\\[^]|[^"\\])+|["\\]/g;

/** JSON runs from left to right, and each string in it by its own letters: the pieces of one string stay together. */
function runs(pieces: readonly Piece[]): Piece[][] {
  let run: Piece[] = [];
  const all = [run];
  for (const piece of pieces.flatMap(split)) {
    if (isOmission(piece.kind) || partsOf(piece).includes('"')) all.push([piece], (run = []));
    else run.push(piece);
  }
  return all.filter(({ length }) => length > 0);
}

/** What is equal is split at its quotes. A change stays one, even across several strings. */
function split(piece: Piece): Piece[] {
  return piece.kind === "same" ? partsOf(piece).map((text) => ({ ...piece, text })) : [piece];
}

function partsOf({ text }: Piece): string[] {
  return text.match(PART) ?? [];
}

function isOmission(kind: Piece["kind"]): kind is Omission {
  return kind === "gap" || kind === "cut" || kind === "rest";
}

function PieceView({ piece, isHex = false }: { piece: Piece; isHex?: boolean }) {
  const { kind, text } = piece;
  if (isOmission(kind)) return <Omitted kind={kind} text={text} isHex={isHex} />;
  const isChanged = kind !== "same";
  const shown = isHex
    ? text
    : partsOf(piece).map((part, index, { length }) => {
        const visible = <Visible text={part} isChanged={isChanged} />;
        return length === 1 ? visible : <bdi key={index}>{visible}</bdi>;
      });
  if (kind === "same") return <>{shown}</>;
  return kind === "signed" ? <ins>{shown}</ins> : <del>{shown}</del>;
}

function Omitted({ kind, text, isHex }: { kind: Omission; text: string; isHex: boolean }) {
  const { gap, gapBytes, cut, rest } = words.value.explain;
  const title = kind === "gap" ? (isHex ? gapBytes : gap)(text) : kind === "cut" ? cut(text) : rest;
  return (
    <bdi class="gap" title={title}>
      <span aria-hidden="true">···</span>
      {/* That nothing is compared from here on must be seen; how much is left out need not be. */}
      <bdi class={kind === "rest" ? "" : "unseen"}>{title}</bdi>
    </bdi>
  );
}
