import { unescaped } from "./escapes.js";

/** Splits a command as a POSIX shell does, with `$'…'`, but expands nothing. */
export function shellWords(command: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  const part = /\\\r?\n|\\([^])|\$'((?:\\[^]|[^'\\])*)'|'([^']*)'|"((?:\\[^]|[^"\\])*)"|(\s+)|(\|)|([^])/g;
  for (const [, escaped, ansi, single, double, blank, pipe, plain] of command.matchAll(part)) {
    const text = escaped ?? (ansi && unescaped(ansi)) ?? single ?? double?.replace(/\\([$`"\\])/g, "$1") ?? plain;
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

/** Whether a command is written for Windows' cmd, which escapes with a caret. */
export function isForCmd(command: string): boolean {
  // In a POSIX shell a caret in quotes is part of the text.
  const unquoted = command.replace(/\$'(?:\\[^]|[^'\\])*'|'[^']*'/g, "");
  return /\^"|\^\r?\n/.test(unquoted);
}

/**
 * Splits a command that a browser wrote for cmd. Browsers double every backslash, which C programs on Windows undo only
 * before a quote: what is meant is what was sent, so each pair becomes one.
 */
export function cmdWords(command: string): string[] {
  // A caret escapes the next character; after one at the end of a line, that is the next line's first.
  const line = command.replace(
    /\^\r?\n(\r?\n)?|\^([^])/g,
    (_, newline, other) => other ?? (newline === undefined ? "" : "\n"),
  );
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:"(?:\\[^]|""|[^"\\])*"|\\"|[^\s"])+/g)) {
    const plain = word.replace(/\\([\\"])|""|"/g, (part, escaped) => escaped ?? (part === '""' ? '"' : ""));
    words.push(/^""$/.test(word) ? "" : plain);
  }
  return words;
}
