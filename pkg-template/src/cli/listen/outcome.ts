import type { WebhookError } from "../../errors.js";
import type { DealixEvent } from "../../index.js";
import type { Diagnosis } from "../../testing.js";

/** The verdict on one delivery. */
export type Outcome = { valid: true; event: DealixEvent } | Refusal;

export interface Refusal {
  valid: false;
  error: WebhookError;
  /** Null if there was no time for it; absent if the error says it all. */
  diagnosis?: Diagnosis | null;
}
