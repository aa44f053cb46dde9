// Writes a module's bytes as text that decode.ts, beside this file, reads.

/** 91 characters that need no escape in a string: from # to ~, without the backslash. */
const DIGITS = Array.from({ length: 92 }, (_, index) => String.fromCharCode(35 + index)).filter(
  (digit) => digit !== "\\",
);
/** The most common bytes take one digit each, the others two, the first of which is never one of these. */
const SINGLES = 88;

/** The text of a module's bytes, short once it is gzipped. */
export function toText(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  const ranked = [...counts.keys()].sort((one, other) => counts[other] - counts[one]);
  const singles = ranked.slice(0, SINGLES).sort((one, other) => one - other);
  const gaps = singles.map((byte, index) => DIGITS[byte - (singles[index - 1] ?? -1) - 1]);
  if (gaps.includes(undefined))
    throw new Error("the module's most common bytes are too far apart to list them by their gaps");
  const texts = Array.from(counts, (_, byte) => DIGITS[singles.indexOf(byte)] ?? pair(byte));
  return [...gaps, ...Array.from(bytes, (byte) => texts[byte])].join("");
}

function pair(byte) {
  return DIGITS[SINGLES + Math.floor(byte / DIGITS.length)] + DIGITS[byte % DIGITS.length];
}
