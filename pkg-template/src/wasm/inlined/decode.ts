/** 91 characters from # to ~, without the backslash, are digits. */
const FIRST_DIGIT = 35;
const BACKSLASH = 92;
/** The most common bytes are one digit each, the first of this many. */
const SINGLES = 88;
/** The character of the first digit that begins a pair. */
const FIRST_OF_PAIR = FIRST_DIGIT + SINGLES + 1;
const DIGITS = 91;

/**
 * The bytes of an inlined module: encode.mjs, beside this file, writes them as text. The text does not use base64,
 * whose digits do not end where bytes do: a gzipped bundle would be a third larger.
 *
 * This runs once, before the engine has optimised it: it decodes in place, and calls no function for a digit.
 */
export function fromText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  // The single bytes come first, as the gaps between them; here they are listed by their characters.
  const singles = new Uint8Array(FIRST_OF_PAIR);
  let from = 0;
  for (let code = FIRST_DIGIT, byte = -1; code < FIRST_OF_PAIR; code += 1) {
    if (code === BACKSLASH) continue;
    const gap = bytes[from++] as number;
    singles[code] = byte += gap - (gap > BACKSLASH ? FIRST_DIGIT : FIRST_DIGIT - 1);
  }
  let length = 0;
  while (from < bytes.length) {
    const code = bytes[from++] as number;
    if (code < FIRST_OF_PAIR) {
      bytes[length++] = singles[code] as number;
      continue;
    }
    const second = bytes[from++] as number;
    bytes[length++] = (code - FIRST_OF_PAIR) * DIGITS + second - (second > BACKSLASH ? FIRST_DIGIT + 1 : FIRST_DIGIT);
  }
  return bytes.subarray(0, length);
}
