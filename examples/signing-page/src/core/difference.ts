// What was signed beside what arrived, with the differences marked where they are.

export interface Piece {
  readonly kind: "same" | "signed" | "received" | "gap";
  readonly text: string;
}

/** A text as it is compared: an escape, a run of letters or digits, or one other character is one token. */
const TOKEN = /\\u[0-9a-fA-F]{4}|\\[^]|\p{L}+|\d+|[^]/gu;
const MAX_CELLS = 1_500_000;
const CONTEXT = 28;
const MAX_PIECES = 60;

export function difference(signed: string, received: string): Piece[] {
  const [left, right] = [signed.match(TOKEN) ?? [], received.match(TOKEN) ?? []];
  const start = commonLength(left, right, (list, at) => list[at]);
  const [restLeft, restRight] = [left.slice(start), right.slice(start)];
  const end = commonLength(restLeft, restRight, (list, at) => list[list.length - 1 - at]);
  const middle = aligned(restLeft.slice(0, restLeft.length - end), restRight.slice(0, restRight.length - end));
  const whole: Piece[] = [same(left.slice(0, start)), ...middle, same(left.slice(left.length - end))];
  const pieces = joined(whole.filter(({ text }) => text !== ""));
  return shortened(pieces).slice(0, MAX_PIECES);
}

/** Which characters of the given text the right one lacks, and which it has more, by position; never the text. */
export function positions(given: string, right: string): { length: number; extra: number[]; missing: number } {
  const at = given.indexOf(right);
  if (at < 0) return { length: given.length, extra: [], missing: Math.max(0, right.length - given.length) };
  const isExtra = (index: number) => index < at || index >= at + right.length;
  return { length: given.length, extra: Array.from(given, (_, index) => index).filter(isExtra), missing: 0 };
}

function commonLength(
  left: string[],
  right: string[],
  item: (list: string[], at: number) => string | undefined,
): number {
  const limit = Math.min(left.length, right.length);
  let length = 0;
  while (length < limit && item(left, length) === item(right, length)) length++;
  return length;
}

function same(tokens: string[]): Piece {
  return { kind: "same", text: tokens.join("") };
}

/** The longest common subsequence, unless that would take too long. */
function aligned(left: string[], right: string[]): Piece[] {
  if (left.length * right.length > MAX_CELLS) {
    return [
      { kind: "signed", text: left.join("") },
      { kind: "received", text: right.join("") },
    ];
  }
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const below = lengths[(row + 1) * width + column] as number;
      const beside = lengths[row * width + column + 1] as number;
      const both = (lengths[(row + 1) * width + column + 1] as number) + 1;
      lengths[row * width + column] = left[row] === right[column] ? both : Math.max(below, beside);
    }
  }
  return walked(left, right, (row, column) => lengths[row * width + column] ?? 0);
}

function walked(left: string[], right: string[], length: (row: number, column: number) => number): Piece[] {
  const pieces: Piece[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    if (row < left.length && column < right.length && left[row] === right[column]) {
      pieces.push({ kind: "same", text: left[row++] as string });
      column++;
    } else if (row < left.length && (column >= right.length || length(row + 1, column) >= length(row, column + 1))) {
      pieces.push({ kind: "signed", text: left[row++] as string });
    } else {
      pieces.push({ kind: "received", text: right[column++] as string });
    }
  }
  return pieces;
}

/** Joins neighbours of one kind; between two equal parts, what was signed comes before what arrived. */
function joined(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  let changes = { signed: "", received: "" };
  const flush = () => {
    if (changes.signed !== "") out.push({ kind: "signed", text: changes.signed });
    if (changes.received !== "") out.push({ kind: "received", text: changes.received });
    changes = { signed: "", received: "" };
  };
  for (const { kind, text } of pieces) {
    if (kind === "signed" || kind === "received") {
      changes[kind] += text;
      continue;
    }
    const last = out.at(-1);
    if (changes.signed + changes.received === "" && last?.kind === "same")
      out[out.length - 1] = { kind: "same", text: last.text + text };
    else flush(), out.push({ kind: "same", text });
  }
  flush();
  return out;
}

/** Leaves out the middle of what is equal. */
function shortened(pieces: Piece[]): Piece[] {
  return pieces.flatMap((piece, index): Piece[] => {
    const limit = piece.kind === "same" ? CONTEXT : 4 * CONTEXT;
    const characters = Array.from(piece.text);
    if (characters.length <= 2 * limit + 8) return [piece];
    const gap: Piece = { kind: "gap", text: String(characters.length - 2 * limit) };
    const head: Piece = { kind: piece.kind, text: characters.slice(0, limit).join("") };
    const tail: Piece = { kind: piece.kind, text: characters.slice(-limit).join("") };
    if (piece.kind !== "same") return [head, gap, tail];
    if (index === 0) return [{ ...gap, text: String(characters.length - limit) }, tail];
    return index === pieces.length - 1
      ? [head, { ...gap, text: String(characters.length - limit) }]
      : [head, gap, tail];
  });
}
