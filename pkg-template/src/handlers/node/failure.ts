import { describe } from "../../errors.js";
import { respond, type Pair } from "./respond.js";

/**
 * `next(undefined)` and `next("route")` continue with the next route, which ends in a 404, after which Dealix does not
 * retry.
 */
export function errorOf(thrown: unknown): unknown {
  if (typeof thrown === "object" && thrown !== null) return thrown;
  return new Error(`What onEvent or onError threw is ${describe(thrown)}, not an Error.`, { cause: thrown });
}

/** If a response has been sent in part, only breaking it off tells the client that something failed. */
export function fail(pair: Pair): void {
  const { response } = pair;
  if (!response.headersSent) {
    respond(pair, 500);
    return;
  }
  const { writableEnded, destroy } = response as { writableEnded?: boolean; destroy?(): unknown };
  if (!writableEnded) destroy?.call(response);
}
