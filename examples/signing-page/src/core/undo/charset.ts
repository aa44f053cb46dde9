import { decodeStrictly, encode } from "../bytes.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** The characters that Windows-1252 has where Latin-1 has control characters. */
const WINDOWS_1252 = new TextDecoder("windows-1252").decode(
  Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index),
);

/** The bytes of UTF-8 text that was decoded as Latin-1 or Windows-1252 and encoded again. */
export function mojibake(body: Bytes): Bytes | null {
  const characters = decodeStrictly(body);
  if (characters === null) return null;
  const bytes: number[] = [];
  for (const character of characters) {
    const code = character.codePointAt(0) as number;
    const byte = code < 0x100 ? code : 0x80 + WINDOWS_1252.indexOf(character);
    if (byte < 0x80 && code >= 0x100) return null;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

export function fromWindows1252(body: Bytes): Bytes {
  return encode(new TextDecoder("windows-1252").decode(body));
}

export function fromUtf16(body: Bytes): Bytes | null {
  if (body.length < 2 || body.length % 2 !== 0) return null;
  const isLittle = body[1] === 0 || (body[0] === 0xff && body[1] === 0xfe);
  return encode(new TextDecoder(isLittle ? "utf-16le" : "utf-16be").decode(body));
}
