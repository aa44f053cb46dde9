import type { DealixEvent } from "../events.js";
import { EVENT_TYPES } from "../generated/constants.js";
import { callable, invalidOption } from "../input/options.js";
import type { EventHandlers } from "./options.js";

type OnEvent<Context> = (event: DealixEvent, context: Context) => unknown;

/** `onEvent` as one function. A table of functions is checked at start-up, and only its own properties count. */
export function eventHandler<Context>(onEvent: OnEvent<Context> | EventHandlers<Context>): OnEvent<Context> {
  if (typeof onEvent === "function") return onEvent;
  if (typeof onEvent !== "object" || onEvent === null) throw invalidOption("onEvent", onEvent, ADVICE);
  const handlers = new Map(Object.entries(onEvent)) as Map<string, OnEvent<Context>>;
  const other = handlers.get("other") as OnEvent<Context>;
  callable("onEvent.other", other, ADVICE);
  for (const [type, handler] of handlers) {
    callable(`onEvent["${type}"]`, handler, ADVICE);
    if (type !== "other" && !(EVENT_TYPES as readonly string[]).includes(type)) warnOfUnknownType(type);
  }
  return (event, context) => (handlers.get(event.type) ?? other)(event, context);
}

/** Not an error: the type may be newer than this version. */
function warnOfUnknownType(type: string): void {
  globalThis.console?.warn(
    `@dealix/webhooks: onEvent["${type}"] is for a type unknown to this version. Is it misspelt?`,
  );
}

const ADVICE = "Pass a function, or an object with one for each event type and `other` for the rest.";
