// A body that was parsed and written again: what it was before.
import { serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";
import { decodeStrictly, encode } from "../bytes.js";
import { readJson } from "../json.js";
import type { Undo } from "./attempt.js";

/** Rewriting a longer body in many ways would take too long. */
const MAX_CHARACTERS = 300_000;
const MAX_VARIANTS = 64;

export const parsed: Undo = async function* (delivery) {
  const text = decodeStrictly(delivery.body);
  if (text === null || text.length > MAX_CHARACTERS) return;
  for (const json of texts(text)) {
    yield { ...delivery, body: encode(json) };
    for (const written of withPoints(json)) {
      const body = canonical(written);
      if (body === null) continue;
      yield { ...delivery, body: encode(body) };
      yield { ...delivery, body: await asSent(body) };
    }
  }
};

/** The JSON text inside what became of it. */
function* texts(text: string): Iterable<string> {
  yield text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return;
  }
  yield JSON.stringify(value);
  if (typeof value === "string") yield value;
  const bytes = Array.isArray(value) ? value : (value as { data?: unknown } | null)?.data;
  if (Array.isArray(bytes)) yield new TextDecoder().decode(Uint8Array.from(bytes as number[]));
  if (typeof value !== "object" || value === null) return;
  const [[key, rest] = ["", ""]] = Object.entries(value);
  if (key.startsWith("{")) yield rest === "" ? key : `${key}=${rest}`;
}

/** The text itself, then with `.0` after whole numbers: after those of all keys, of each key, of each set of keys. */
function* withPoints(json: string): Iterable<string> {
  yield json;
  const { tokens, fault } = readJson(json);
  if (fault !== null) return;
  const keys: string[] = [];
  let key = "";
  const owners = tokens.map(({ kind, text, level }) => {
    if (kind === "key") key = text;
    const isWhole = kind === "number" && /^-?\d+$/.test(text) && !(level === 1 && key === '"timestamp"');
    if (!isWhole) return -1;
    if (!keys.includes(key)) keys.push(key);
    return keys.indexOf(key);
  });
  const all = 2 ** Math.min(keys.length, 20) - 1;
  for (let variant = 0; variant < Math.min(all, MAX_VARIANTS); variant++) {
    const chosen = variant === 0 ? all : variant;
    yield tokens
      .map(({ text }, at) =>
        (owners[at] as number) >= 0 && (chosen >> (owners[at] as number)) & 1 ? `${text}.0` : text,
      )
      .join("");
  }
}

function canonical(json: string): string | null {
  try {
    return serializeEnvelope(json);
  } catch {
    return null;
  }
}

/** A test event of this package is not canonical: see `send` in its README. */
async function asSent(body: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await signedRequest({ secret: "unused", event: body }).arrayBuffer());
  } catch {
    return encode(body);
  }
}
