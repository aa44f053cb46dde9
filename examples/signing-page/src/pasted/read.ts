// What a developer has at hand: the header, a block of headers, a request, a command, code, a HAR file, explain's JSON.
import { isTrace, readBlock, readTrace } from "./block.js";
import { readCode } from "./code.js";
import { isCurl, readCurl } from "./curl.js";
import { given, type Pasted, pasted } from "./given.js";
import { readJsonText } from "./json.js";
import { readPowerShell } from "./power-shell.js";

const MAX_HEADER_CHARACTERS = 300_000;
/** A `.http` file may begin with a comment. */
const IS_REQUEST = /^(?:#.*\n)*\s*(POST|PUT) \S+/;
const IS_BLOCK = /^\s*([<>] )?:?[A-Za-z][A-Za-z0-9-]*\s*:/;
const IS_CODE = /["']dealix-signature["']\s*:\s*["'`]|\bsignatureHeader\s*[:=]/i;

export function readPasted(text: string): Pasted {
  try {
    return read(text);
  } catch {
    // JSON may have any value in any place, and a header is what the field is for.
    return readHeader(text);
  }
}

function read(text: string): Pasted {
  if (text.trim() === "") return pasted("empty");
  if (isCurl(text)) return pasted("command", readCurl(text));
  if (/\b(Invoke-WebRequest|Invoke-RestMethod|WriteAllText)\b/.test(text))
    return pasted("command", readPowerShell(text));
  const json = /^\s*\{/.test(text) ? readJsonText(text) : null;
  if (json !== null) return json;
  if (IS_REQUEST.test(text)) return readBlock(text);
  if (isTrace(text)) return readTrace(text);
  // Before headers, since `headers: {` would be one.
  if (IS_CODE.test(text)) return pasted("code", readCode(text));
  if (IS_BLOCK.test(text)) return readBlock(text);
  return readHeader(text);
}

function readHeader(text: string): Pasted {
  if (text.length > MAX_HEADER_CHARACTERS) return pasted("too_long");
  const value = text.replace(/^[\r\n]+|[\r\n]+$/g, "");
  return pasted("value", given([["Dealix-Signature", value]]));
}
