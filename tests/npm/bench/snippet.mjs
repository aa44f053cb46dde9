// What a careful guide shows: ten lines over node:crypto, for text and for bytes. Every figure compared to node:crypto
// means this. Digits are compared, not the bytes they encode: a digest as a Buffer takes a tenth longer at 300 bytes.
import { createHmac, timingSafeEqual } from "node:crypto";

export function verify(body, header, secret) {
  const { t, v1 } = Object.fromEntries(header.split(",").map((part) => part.split("=")));
  const age = Math.abs(Date.now() / 1000 - Number(t));
  if (!(age <= 300) || !v1) return false;
  const expected = Buffer.from(createHmac("sha256", secret).update(`${t}.`).update(body).digest("hex"));
  const received = Buffer.from(v1);
  return received.length === expected.length && timingSafeEqual(received, expected);
}
