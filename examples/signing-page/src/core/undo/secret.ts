import { decodeStrictly, encode, fromBase64, toBase64, toHex } from "../bytes.js";
import type { Delivery } from "../verdict.js";
import type { Undo } from "./attempt.js";

const BLANKS = /^[\s\u0000-\u001f\ufeff\u200b]+|[\s\u0000-\u001f\ufeff\u200b]+$/g;
const QUOTES = /^["'`\u2018-\u201f]+|["'`\u2018-\u201f]+$/g;

export const wrapped: Undo = (delivery) => each(delivery, unwrapped);
export const encoded: Undo = (delivery) => each(delivery, recoded);

/** Which of the secrets the right one is another form of; null if that cannot be told. */
export function originOf(secrets: readonly string[], right: string): string | null {
  const [first, ...others] = secrets;
  if (first !== undefined && others.length === 0) return first;
  return secrets.find((secret) => [...unwrapped(secret), ...recoded(secret)].includes(right)) ?? null;
}

/** The delivery under each secret alone, in each of these forms. */
function* each(delivery: Delivery, forms: (secret: string) => (string | null)[]): Iterable<Delivery> {
  for (const secret of delivery.secrets) {
    for (const form of forms(secret)) {
      if (form !== null && form !== "" && form !== secret) yield { ...delivery, secrets: [form] };
    }
  }
}

function unwrapped(secret: string): string[] {
  const trimmed = secret.replace(BLANKS, "");
  const unquoted = trimmed.replace(QUOTES, "");
  const value = /^(?:export\s+)?\w+\s*=([^]*)$/.exec(trimmed)?.[1]?.replace(BLANKS, "") ?? "";
  return [
    trimmed,
    unquoted,
    unquoted.replace(/(\\n)+$/, ""),
    unquoted.replace(BLANKS, ""),
    value,
    value.replace(QUOTES, ""),
    trimmed.replace(/^whsec_/, ""),
    `whsec_${secret}`,
    `${secret}\n`,
    `${secret}\r\n`,
    `${secret} `,
    ` ${secret}`,
    `"${secret}"`,
    `'${secret}'`,
  ];
}

function recoded(secret: string): (string | null)[] {
  const trimmed = secret.replace(BLANKS, "");
  const bytes = fromBase64(trimmed);
  return [
    bytes && decodeStrictly(bytes),
    fromHex(trimmed),
    fromUrl(trimmed),
    toBase64(encode(secret)),
    toHex(encode(secret)),
    encodeURIComponent(secret),
  ];
}

function fromHex(text: string): string | null {
  if (!/^([0-9a-f]{2})+$/i.test(text)) return null;
  return decodeStrictly(Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

function fromUrl(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
