// What a careful guide shows: ten lines over node:crypto, for text and for bytes. Every figure "beside node:crypto" is beside this.
import { createHmac, timingSafeEqual } from "node:crypto";

export function verify(body, header, secret) {
  const parts = Object.fromEntries(header.split(",").map((part) => part.split("=")));
  const age = Math.abs(Date.now() / 1000 - Number(parts.t));
  if (!(age <= 300) || !parts.v1) return false;
  const hmac = createHmac("sha256", secret).update(`${parts.t}.`).update(body);
  const expected = Buffer.from(hmac.digest("hex"));
  const received = Buffer.from(parts.v1);
  return expected.length === received.length && timingSafeEqual(expected, received);
}
