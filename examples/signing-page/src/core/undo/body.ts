import { concat, decodeStrictly, encode, fromBase64, fromLatin1, toLatin1 } from "../bytes.js";
import { type Undo, withBody } from "./attempt.js";
import { fromUtf16, fromWindows1252, mojibake } from "./charset.js";

type Bytes = Uint8Array<ArrayBuffer>;

const MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

export const byteOrderMark: Undo = (delivery) => {
  const { body } = delivery;
  const isMarked = MARK.every((byte, index) => body[index] === byte);
  return withBody(delivery, [isMarked ? body.slice(3) : concat(MARK, body)]);
};

export const newline: Undo = (delivery) => {
  const { body } = delivery;
  let end = body.length;
  while (end > 0 && (body[end - 1] === 10 || body[end - 1] === 13)) end--;
  return withBody(delivery, [body.slice(0, end), concat(body, encode("\n")), concat(body, encode("\r\n"))]);
};

export const lineEndings: Undo = (delivery) => {
  const text = toLatin1(delivery.body);
  const changed = [text.replace(/\r\n/g, "\n"), text.replace(/\r?\n/g, "\r\n")];
  return withBody(delivery, changed.map(fromLatin1));
};

export const charset: Undo = (delivery) => {
  const { body } = delivery;
  // The web's name iso-8859-1 stands for Windows-1252, so no decoder reads the real one.
  const readings = [fromUtf16(body), encode(toLatin1(body)), fromWindows1252(body)];
  return withBody(delivery, [mojibake(body), ...readings]);
};

export const base64: Undo = (delivery) => {
  const text = decodeStrictly(delivery.body);
  return withBody(delivery, [text === null ? null : fromBase64(text)]);
};

export const compressed: Undo = async function* (delivery) {
  for (const format of ["gzip", "deflate", "deflate-raw"] as const) {
    const body = await inflated(delivery.body, format);
    if (body !== null) yield { ...delivery, body };
  }
};

const MAX_INFLATED_BYTES = 4 * 1024 * 1024;

async function inflated(body: Bytes, format: CompressionFormat): Promise<Bytes | null> {
  const reader = new Blob([body]).stream().pipeThrough(new DecompressionStream(format)).getReader();
  const parts: Uint8Array[] = [];
  try {
    for (let length = 0; ; ) {
      const { value, done } = await reader.read();
      if (done) return concat(...parts);
      parts.push(value);
      length += value.length;
      if (length > MAX_INFLATED_BYTES) return (void reader.cancel(), null);
    }
  } catch {
    return null;
  }
}
