import { signal } from "@preact/signals";
import type { Cause } from "@dealix/webhooks/testing";
import { lane } from "../aside/lane.js";
import type { Explained } from "../aside/explained.js";
import type { Delivery } from "../core/verdict.js";
import { mode } from "./page.js";
import { pasted } from "./pasted.js";
import { delivery, isExplainable } from "./verify.js";

export interface Explanation extends Explained {
  /** What arrived; null for a pasted diagnosis. */
  readonly received: Delivery | null;
}

export const explanation = signal<Explanation | "searching" | "failed" | null>(null);
export const isUndone = signal(false);

const UNKNOWN: Explained = { causes: ["unknown"], certain: false, restored: null };

const searching = lane("explain");

/** Explains a copy of the delivery in Verify, with its clock as it is now. */
export async function explain(): Promise<void> {
  mode.value = "explain";
  isUndone.value = false;
  searching.stop();
  const { report } = pasted.value;
  const received = delivery.value;
  if (!isExplainable.value) explanation.value = null;
  else if (report !== null)
    explanation.value = { ...UNKNOWN, causes: report.causes as Cause[], certain: report.certain, received: null };
  else if (received !== null) {
    explanation.value = "searching";
    const found = await searching.run(received).catch(() => null);
    explanation.value = found === null ? "failed" : { ...found, received };
  }
}
