// A request or a check in program code: fetch, Python's requests, a test, an object of headers that was logged.
import { type Given, given } from "./given.js";
import { unescaped } from "./escapes.js";

interface Token {
  readonly text: string;
  readonly isString: boolean;
}

const TOKEN = /"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'|`((?:[^`\\]|\\[^])*)`|([A-Za-z_$][\w$]*)|([^\s])/g;
const BODY = /^(body|data|raw_?body|payload)$/i;
/** Options of `fetch` that are texts too. */
const OPTION = /^(method|mode|credentials|referrer|referrerPolicy|cache|redirect|url)$/;

export function readCode(code: string): Given {
  const headers: [string, string][] = [];
  let body: string | null = null;
  let isElsewhere = false;
  for (const [key, value] of pairs(tokens(code))) {
    if (BODY.test(key)) value.isString ? (body ??= value.text) : (isElsewhere = true);
    else if (!value.isString || OPTION.test(key)) continue;
    else headers.push([key === "signatureHeader" ? "Dealix-Signature" : key, value.text]);
  }
  return given(headers, body, isElsewhere ? "body_elsewhere" : null);
}

function tokens(code: string): Token[] {
  return [...code.matchAll(TOKEN)].map(([, double, single, template, name, mark]) => {
    const string = double ?? single ?? template;
    return { text: string === undefined ? (name ?? mark ?? "") : unescaped(string), isString: string !== undefined };
  });
}

/** Whatever looks like `key: value` or `key = value`. */
function* pairs(list: readonly Token[]): Iterable<[string, Token]> {
  for (const [index, token] of list.entries()) {
    const [key, value] = [list[index - 1], list[index + 1]];
    if (!token.isString && /^[:=]$/.test(token.text) && key !== undefined && value !== undefined)
      yield [key.text, value];
  }
}
