const LETTERS: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
  e: "\u001b",
};

/** Text with its backslash escapes read, as JavaScript, Python and `$'…'` of a shell write them. */
export function unescaped(text: string): string {
  const pattern = /\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|\r?\n()|([^]))/g;
  return text.replace(pattern, (whole, four, braced, eight, two, _newline, other) => {
    if (other !== undefined) return LETTERS[other] ?? other;
    const digits = four ?? braced ?? eight ?? two;
    if (digits === undefined) return "";
    const code = Number.parseInt(digits, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}
