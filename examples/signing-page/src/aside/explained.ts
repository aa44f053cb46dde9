import { type Cause, diagnose } from "@dealix/webhooks/testing";
import { undone } from "../core/undo/search.js";
import type { Delivery } from "../core/verdict.js";

export interface Explained {
  readonly causes: readonly Cause[];
  readonly certain: boolean;
  /** What was signed, if it can be restored. */
  readonly restored: Delivery | null;
}

export async function explained(delivery: Delivery): Promise<Explained> {
  const { secrets, headers, body, now } = delivery;
  const { cause, certain, details } = diagnose({ secret: secrets, headers, body, now });
  const causes = [cause, ...(details.also ?? [])];
  return { causes, certain, restored: certain ? await undone(delivery, causes) : null };
}
