// What was signed beside what arrived, with the differences marked where they are.

export type Side = "signed" | "received";
/** A gap leaves out what is equal, a cut the middle of a change, the rest what was not compared. */
export type Omission = "gap" | "cut" | "rest";

export interface Piece {
  readonly kind: "same" | Side | Omission;
  /** How many characters or bytes a gap or a cut leaves out. */
  readonly text: string;
  /** The side whose change a cut shortens. */
  readonly of?: Side;
}

/** A text as it is compared: an escape, a run of letters or digits, or one other character is one token. */
const TOKEN = /\\u[0-9a-fA-F]{4}|\\[^]|\p{L}+|\d+|[^]/gu;
/** How many tokens after the first difference are compared. */
const MAX_TOKENS = 1200;
/** At least as long as that many tokens usually are; more would take long to split. */
const MAX_CHARACTERS = 12_000;
/** How far the edge of a change is moved to where a token starts. */
const MAX_SHIFT = 200;
const CONTEXT = 28;
const MAX_PIECES = 60;

export function difference(signed: string, received: string): Piece[] {
  const start = startOfChange(signed, received);
  const end = endOfChange(signed.slice(start), received.slice(start));
  const left = tokens(signed.slice(start, signed.length - end));
  const right = tokens(received.slice(start, received.length - end));
  const isWhole = left.isWhole && right.isWhole;
  const middle = aligned(left.tokens, right.tokens);
  const tail = isWhole ? [same(signed.slice(signed.length - end))] : [];
  const compared = [same(signed.slice(0, start)), ...(isWhole ? middle : beforeRest(middle)), ...tail];
  const pieces = shortened(joined(compared.filter(({ text }) => text !== "")));
  const isCut = !isWhole || pieces.length > MAX_PIECES;
  return isCut ? [...pieces.slice(0, MAX_PIECES), { kind: "rest", text: "" }] : pieces;
}

/** The difference of bytes, in hex; each byte is compared as one character. */
export function byteDifference(signed: Uint8Array, received: Uint8Array): Piece[] {
  const change = signed.findIndex((byte, index) => byte !== received[index]);
  const start = Math.max(0, (change < 0 ? signed.length : change) - CONTEXT);
  const pieces = difference(asCharacters(signed, start), asCharacters(received, start));
  const before: Piece[] = start === 0 ? [] : [{ kind: "gap", text: String(start) }];
  return [...before, ...pieces.map((piece) => ({ ...piece, text: inHex(piece.text) }))];
}

/** For private use, so that no text means them. */
const FIRST_BYTE = 0xe000;

function asCharacters(bytes: Uint8Array, start: number): string {
  // One more than are compared, so that the rest is noticed.
  const some = bytes.subarray(start, start + MAX_TOKENS + 1);
  return String.fromCharCode(...Array.from(some, (byte) => FIRST_BYTE + byte));
}

function inHex(text: string): string {
  const hex = (character: string) => `${(character.charCodeAt(0) - FIRST_BYTE).toString(16).padStart(2, "0")} `;
  return text.replace(/[\ue000-\ue0ff]/g, hex);
}

/** Which characters of the given text the right one lacks, and which it has more, by position; never the text. */
export function positions(given: string, right: string): { length: number; extra: number[]; missing: number } {
  const [length, rightLength] = [characters(given), characters(right)];
  const at = given.indexOf(right);
  if (at < 0) return { length, extra: [], missing: right.includes(given) ? rightLength - length : 0 };
  const start = characters(given.slice(0, at));
  const isExtra = (index: number) => index < start || index >= start + rightLength;
  return { length, extra: Array.from({ length }, (_, index) => index).filter(isExtra), missing: 0 };
}

/** How many a person counts, who sees no halves of pairs. */
function characters(text: string): number {
  return Array.from(text).length;
}

/** Without what follows the last equal part, where one side was cut off earlier than the other. */
function beforeRest(pieces: Piece[]): Piece[] {
  const last = pieces.findLastIndex(({ kind }) => kind === "same");
  return last < 0 ? pieces : pieces.slice(0, last + 1);
}

/** The beginning as tokens, and whether that is all. */
function tokens(text: string): { tokens: string[]; isWhole: boolean } {
  const found = text.slice(0, MAX_CHARACTERS).match(TOKEN) ?? [];
  return { tokens: found.slice(0, MAX_TOKENS), isWhole: text.length <= MAX_CHARACTERS && found.length <= MAX_TOKENS };
}

/** Where both texts begin to differ, or the quote or comma before, so that no token is cut. */
function startOfChange(left: string, right: string): number {
  const limit = Math.min(left.length, right.length);
  let place = 0;
  while (place < limit && left.charCodeAt(place) === right.charCodeAt(place)) place++;
  const before = left.slice(Math.max(0, place - MAX_SHIFT), place);
  return place - before.length + Math.max(0, before.search(/[",][^",]*$/u));
}

/** How many characters are the same at the end of both texts, from a quote or comma on. */
function endOfChange(left: string, right: string): number {
  const limit = Math.min(left.length, right.length);
  let length = 0;
  while (length < limit && left.charCodeAt(left.length - 1 - length) === right.charCodeAt(right.length - 1 - length)) {
    length++;
  }
  const after = left.slice(left.length - length, left.length - length + MAX_SHIFT);
  const shift = after.search(/[",]/);
  return shift < 0 ? 0 : length - shift;
}

function same(text: string): Piece {
  return { kind: "same", text };
}

/** The longest common subsequence. */
function aligned(left: string[], right: string[]): Piece[] {
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
    const omitted = String(characters.length - 2 * limit);
    const head: Piece = { kind: piece.kind, text: characters.slice(0, limit).join("") };
    const tail: Piece = { kind: piece.kind, text: characters.slice(-limit).join("") };
    if (piece.kind === "signed" || piece.kind === "received") {
      return [head, { kind: "cut", text: omitted, of: piece.kind }, tail];
    }
    const gap: Piece = { kind: "gap", text: omitted };
    if (index === 0) return [{ ...gap, text: String(characters.length - limit) }, tail];
    return index === pieces.length - 1
      ? [head, { ...gap, text: String(characters.length - limit) }]
      : [head, gap, tail];
  });
}
