import { signal } from "@preact/signals";
import { type Cause, type Diagnosis, diagnose } from "@dealix/webhooks/testing";
import { undone } from "../core/undo/search.js";
import type { Delivery } from "../core/verdict.js";
import { mode } from "./page.js";
import { delivery, isExplainable, pasted } from "./verify.js";

export interface Explanation {
  readonly causes: readonly Cause[];
  readonly certain: boolean;
  /** What arrived, and what was signed if it can be restored; null for a pasted diagnosis. */
  readonly received: Delivery | null;
  readonly restored: Delivery | null;
}

export const explanation = signal<Explanation | "searching" | null>(null);
export const isUndone = signal(false);

/** Explains a copy of the delivery in Verify, with its clock as it is now. */
export async function explain(): Promise<void> {
  mode.value = "explain";
  isUndone.value = false;
  if (!isExplainable.value) {
    explanation.value = null;
    return;
  }
  explanation.value = "searching";
  // So that the page shows it: the search takes up to a second.
  await new Promise((resolve) => setTimeout(resolve, 30));
  explanation.value = await find();
}

async function find(): Promise<Explanation | null> {
  const { report } = pasted.value;
  if (report !== null)
    return { causes: [report.cause as Cause], certain: report.certain, received: null, restored: null };
  const received = delivery.value;
  if (received === null) return null;
  const { cause, certain, details } = diagnosisOf(received);
  const causes = [cause, ...(details.also ?? [])];
  const restored = certain ? await undone(received, causes) : null;
  return { causes, certain, received, restored };
}

function diagnosisOf({ secrets, headers, body, now }: Delivery): Diagnosis {
  return diagnose({ secret: secrets, headers, body, now });
}
