/**
 * The bytes of an inlined module: encode.mjs, beside this file, writes them as text. The text does not use base64,
 * whose digits do not end where bytes do: a gzipped bundle would be a third larger.
 */
export function fromText(text: string): Uint8Array<ArrayBuffer> {
  const digit = (at: number) => {
    const code = text.charCodeAt(at);
    return code - (code > 92 ? 36 : 35);
  };
  // The most common bytes are one digit each; their list comes first, as the gaps between them.
  const singles = new Uint8Array(88);
  let at = 0;
  for (let byte = -1; at < singles.length; at += 1) singles[at] = byte += digit(at) + 1;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (; at < text.length; at += 1) {
    const first = digit(at);
    bytes[length++] = singles[first] ?? (first - 88) * 91 + digit((at += 1));
  }
  return bytes.subarray(0, length);
}
