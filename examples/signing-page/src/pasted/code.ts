// A request or a check in program code: fetch, Python's requests, a test, an object of headers that was logged.
import { fromLatin1 } from "../core/bytes.js";
import { type Given, given } from "./given.js";
import { unescaped } from "./escapes.js";

interface Token {
  readonly text: string;
  readonly isString: boolean;
  /** A string with one character for each byte. */
  readonly isBytes: boolean;
}

/** Python may have letters before the quotes. */
const TOKEN =
  /(\b[bru]{1,2}(?=["']))?(?:"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'|`((?:[^`\\]|\\[^])*)`|([a-z_$][\w$]*)|([^\s]))/gi;
const BODY = /^(body|data|raw_?body|payload)$/i;
/** Options of `fetch` that are texts too. */
const OPTION = /^(method|mode|credentials|referrer|referrerPolicy|cache|redirect|url)$/;

export function readCode(code: string): Given {
  const headers: [string, string][] = [];
  let body: string | Uint8Array<ArrayBuffer> | null = null;
  let isElsewhere = false;
  for (const [key, value] of pairs(tokens(code))) {
    if (BODY.test(key)) value.isString ? (body ??= bodyOf(value)) : (isElsewhere = true);
    else if (!value.isString || OPTION.test(key)) continue;
    else headers.push([key === "signatureHeader" ? "Dealix-Signature" : key, value.text]);
  }
  return given(headers, body, isElsewhere ? "body_elsewhere" : null);
}

function bodyOf({ text, isBytes }: Token): string | Uint8Array<ArrayBuffer> {
  return isBytes ? fromLatin1(text) : text;
}

function tokens(code: string): Token[] {
  return [...code.matchAll(TOKEN)].map(([, before = "", double, single, template, name, mark]) => {
    const string = double ?? single ?? template;
    if (string === undefined) return { text: name ?? mark ?? "", isString: false, isBytes: false };
    return { text: /r/i.test(before) ? string : unescaped(string), isString: true, isBytes: /b/i.test(before) };
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
