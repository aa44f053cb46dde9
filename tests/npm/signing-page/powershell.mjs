// Reads what the page copies for PowerShell as 5.1 and 7 do. It knows the few rules that the copy needs, and fails on the rest.
import assert from "node:assert/strict";

/** Longer commands cannot be started in Windows. */
const MAX_COMMAND = 32_767;
const QUOTES = "['‘’‚‛]";
const STRING = new RegExp(`^${QUOTES}((?:[^'‘’‚‛]|${QUOTES}{2})*)${QUOTES}`);
const WORD = /^[\w.+-]+/;

/** The file that the copy writes, with what is in it, and the arguments of curl.exe. */
export function readPowerShell(text) {
  const [assign, write, ...rest] = text.split("\n");
  const [, file] = /^\$file = "\$\(\$PWD\.ProviderPath\)\\([\w.-]+)"$/.exec(assign);
  const [, argument] = /^\[IO\.File\]::WriteAllText\(\$file, (.*)\)$/.exec(write);
  const [content, ...more] = words(argument);
  assert.deepEqual(more, []);
  assert.equal(rest.pop(), "Remove-Item -LiteralPath $file");
  const [program, ...given] = words(rest.join("\n").replaceAll("`\n", " "));
  assert.equal(program, "curl.exe");
  return { file, content, words: given };
}

/** Fails if 5.1 would start the program with other arguments: it puts quotes around blanks, and escapes nothing. */
export function assertUnharmed(words) {
  const command = ["curl.exe", ...words.map((word) => (/\s/.test(word) ? `"${word}"` : word))].join(" ");
  const isHarmed = (word) => word === "" || word.includes('"') || word.endsWith("\\");
  assert.deepEqual(words.filter(isHarmed), []);
  assert.ok(command.length < MAX_COMMAND, `${command.length} characters`);
}

/** Words and strings in single quotes. A backtick or a line's end anywhere else is a mistake. */
function words(text) {
  const found = [];
  for (let rest = text.trim(); rest !== ""; rest = rest.trimStart()) {
    const string = STRING.exec(rest);
    const [all] = string ?? WORD.exec(rest) ?? assert.fail(`neither a word nor a string: ${rest.slice(0, 100)}`);
    found.push(string === null ? all : string[1].replace(new RegExp(`(${QUOTES})${QUOTES}`, "g"), "$1"));
    rest = rest.slice(all.length);
    assert.match(rest, /^( |$)/, "a blank between words");
  }
  return found;
}
