import type { Delivery } from "../verdict.js";

/** A delivery with one mistake undone, in each way that it may have come about. */
export type Undo = (delivery: Delivery) => Iterable<Delivery> | AsyncIterable<Delivery>;

export function withBody(delivery: Delivery, bodies: Iterable<Uint8Array<ArrayBuffer> | null>): Delivery[] {
  return [...bodies].flatMap((body) => (body === null ? [] : [{ ...delivery, body }]));
}
