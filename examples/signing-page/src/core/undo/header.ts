import { fromBase64, toHex } from "../bytes.js";
import { timeOf } from "../signature.js";
import type { Delivery } from "../verdict.js";
import type { Undo } from "./attempt.js";

export const rewritten: Undo = (delivery) => {
  const { signature } = delivery;
  const decoded = signature.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const named = decoded
    .trim()
    .replace(/^["']|["']$/g, "")
    .replace(/^dealix-signature\s*[:=]\s*/i, "");
  const separated = named.replace(/;/g, ",").replace(/\s+/g, "");
  const groups = separated.toLowerCase().split(/,(?=t=)/);
  return [signature.replace(/\s+/g, ""), named, separated, ...groups].map((text) => withSignature(delivery, text));
};

export const lowerCase: Undo = (delivery) => [withSignature(delivery, delivery.signature.toLowerCase())];

export const hexFromBase64: Undo = (delivery) => [
  withSignature(
    delivery,
    delivery.signature.replace(/v1=([^,]+)/g, (whole, text: string) => {
      const bytes = fromBase64(text);
      return bytes?.length === 32 ? `v1=${toHex(bytes)}` : whole;
    }),
  ),
];

/** Nothing in the delivery is wrong: the clock is set to when it was signed. */
export const clock: Undo = (delivery) => {
  const time = timeOf(delivery.signature);
  return time === null ? [] : [{ ...delivery, now: time }];
};

function withSignature(delivery: Delivery, signature: string): Delivery {
  return { ...delivery, signature, headers: { ...delivery.headers, "dealix-signature": signature } };
}
