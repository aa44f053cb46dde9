import { type Given, given, headerOf } from "./given.js";

interface Token {
  readonly text: string;
  readonly isString: boolean;
}

const TOKEN = /'((?:[^']|'')*)'|"((?:[^"`]|`[^]|"")*)"|(-?[A-Za-z$][\w-]*)|([^\s`])/g;

/** `Invoke-WebRequest` as browsers write it, or `curl.exe` as this page does, whose body goes through a file. */
export function readPowerShell(text: string): Given {
  const headers: [string, string][] = [];
  let body: string | null = null;
  let isBodyNext = false;
  const list = tokens(text);
  for (const [index, { text: word, isString }] of list.entries()) {
    const [before, further] = [list[index - 1], list[index - 2]];
    if (!isString) isBodyNext = /^(-Body|WriteAllText)$/i.test(word) || (isBodyNext && !word.startsWith("-"));
    else if (isBodyNext) [body, isBodyNext] = [word, false];
    else if (before?.text === "-H" && !before.isString) headers.push(headerOf(word));
    else if (before?.text === "=" && further?.isString) headers.push([further.text, word]);
  }
  return given(headers, body);
}

function tokens(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(([, single, double, name, mark]) => {
    if (single !== undefined) return { text: single.replace(/''/g, "'"), isString: true };
    if (double !== undefined) return { text: expanded(double), isString: true };
    return { text: name ?? mark ?? "", isString: false };
  });
}

const LETTERS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", 0: "\0" };

/** Browsers write what is not ASCII as `$([char]1588)`. */
function expanded(text: string): string {
  return text.replace(/`([^])|""|\$\(\[char\](\d{1,5})\)/g, (_, escaped, code) => {
    if (escaped !== undefined) return LETTERS[escaped] ?? escaped;
    return code === undefined ? '"' : String.fromCharCode(Number(code));
  });
}
