import type { Delivery } from "../deliver.js";
import type { CureName } from "./cures.js";
import type { Kit } from "./kit.js";

/**
 * Which response is right: `accept` a 2xx; `refuse` a 4xx; `survive` either, but no 5xx. `concurrent`: at least one
 * 2xx; the others may also say that another request is in progress. `limit`: a refusal, or the end of the connection.
 */
export type Expectation = "accept" | "refuse" | "survive" | "concurrent" | "limit";

export interface Case {
  readonly name: string;
  /** What is sent, in a few words. */
  readonly what: string;
  readonly expected: Expectation;
  /** A 2xx instead of a refusal is worth a note, but not wrong. */
  readonly isNote?: boolean;
  readonly cure: CureName;
  /** Several are sent one after the other, or at once if `concurrent` is expected. */
  make(kit: Kit): Delivery | Delivery[];
}
