import { type Given, given, headerOf } from "./given.js";
import { cmdWords, isForCmd, shellWords } from "./shell.js";

const DATA = new Set(["-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"]);
/** They build the body, or send a file. */
const BUILT = new Set(["-F", "--form", "--form-string", "--data-urlencode", "-T", "--upload-file"]);
const HEADER = new Set(["-H", "--header"]);

const PROMPT = String.raw`(?:[^\n'"|{}]{0,80}[$%#>] +)?`;
const BEFORE = String.raw`(?:#[^\n]*\n\s*)*${PROMPT}(?:(?:sudo|time|env|nohup|exec) +|\w+=[^\s'"]* +)*`;
const COMMAND = new RegExp(
  String.raw`^\s*${BEFORE}(?:curl(?:\.exe)?\s|(?:printf|echo|cat)\s[^]*\|\s*curl(?:\.exe)?\s)`,
);

/** Whether text is a curl command, perhaps copied with its prompt, or with what it is piped from. */
export function isCurl(text: string): boolean {
  return COMMAND.test(text);
}

/** A curl command for a POSIX shell or for Windows' cmd. */
export function readCurl(text: string): Given {
  const words = isForCmd(text) ? cmdWords(text) : shellWords(text);
  const headers: [string, string][] = [];
  const data: string[] = [];
  const piped = pipedInto(words);
  let isElsewhere = false;
  for (const [name, value] of options(words)) {
    if (HEADER.has(name)) headers.push(headerOf(value));
    if (BUILT.has(name)) isElsewhere = true;
    if (!DATA.has(name)) continue;
    const isFile = value.startsWith("@") && name !== "--data-raw";
    if (!isFile) data.push(value);
    else if (value === "@-" && piped !== null) data.push(piped);
    else isElsewhere = true;
  }
  if (isElsewhere) return given(headers, null, "body_elsewhere");
  return given(headers, data.length === 0 ? null : data.join(words.includes("--json") ? "" : "&"));
}

/** The text of `printf %s '…' | curl … --data-binary @-`, which may be longer than an argument. */
function pipedInto(words: readonly string[]): string | null {
  const end = words.indexOf("|");
  const [name, option, text] = words.slice(0, end).slice(-3);
  if (end < 0 || text === undefined) return null;
  return (name === "printf" && option === "%s") || (name === "echo" && option === "-n") ? text : null;
}

/** The options with a value that this page knows, and their values. */
function* options(words: readonly string[]): Iterable<[name: string, value: string]> {
  for (let index = 0; index < words.length; index++) {
    const [name, value] = optionIn(words[index] as string);
    if (name === null) continue;
    yield [name, value ?? words[++index] ?? ""];
  }
}

/** In `-sSH`, as in `-H`, the value is the rest or the next word: letters before it stand for options without one. */
const SHORT = /^-[#0-46aBfgGiIjJklLMnNOpqRsSvVZ]*([HdFT])([^]*)$/;

function optionIn(word: string): [name: string | null, value: string | null] {
  const [, letter, rest = ""] = SHORT.exec(word) ?? [];
  if (letter !== undefined) return [`-${letter}`, rest === "" ? null : rest];
  const [, name, value] = /^(--[a-z-]+)=([^]*)$/.exec(word) ?? [];
  if (name !== undefined) return [name, value ?? ""];
  return [isKnown(word) ? word : null, null];
}

function isKnown(word: string): boolean {
  return DATA.has(word) || BUILT.has(word) || HEADER.has(word) || WITH_TEXT.has(word);
}

/** Their values may look like options. */
const WITH_TEXT = new Set([
  "-A",
  "--user-agent",
  "-b",
  "--cookie",
  "-e",
  "--referer",
  "-u",
  "--user",
  "-w",
  "-o",
  "-X",
]);
