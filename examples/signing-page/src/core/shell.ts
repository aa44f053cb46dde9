/** Splits a command as a POSIX shell does, with `$'…'`, but expands nothing. */
export function shellWords(command: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  const part = /\\\r?\n|\\([^])|\$'((?:\\[^]|[^'\\])*)'|'([^']*)'|"((?:\\[^]|[^"\\])*)"|(\s+)|(\|)|([^])/g;
  for (const [, escaped, ansi, single, double, blank, pipe, plain] of command.matchAll(part)) {
    const text = escaped ?? unescapedAnsi(ansi) ?? single ?? double?.replace(/\\([$`"\\])/g, "$1") ?? plain;
    if (blank === undefined && pipe === undefined) {
      if (text !== undefined) word = (word ?? "") + text;
      continue;
    }
    if (word !== null) words.push(word);
    if (pipe !== undefined) words.push(pipe);
    word = null;
  }
  return word === null ? words : [...words, word];
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function unescapedAnsi(text: string | undefined): string | undefined {
  return text?.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^]))/g, (_, unicode, hex, other) =>
    other === undefined ? String.fromCharCode(Number.parseInt(unicode ?? hex, 16)) : (ESCAPES[other] ?? other),
  );
}
