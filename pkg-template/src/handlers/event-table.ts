import { EVENT_TYPES, type DealixEvent } from "../events.js";
import { callable, invalidOption } from "../input/options.js";
import type { EventHandlers } from "./options.js";

type OnEvent<Context> = (event: DealixEvent, context: Context) => unknown;

/** `onEvent` as one function. A table of functions is checked at start-up, and only its own properties count. */
export function eventHandler<Context>(onEvent: OnEvent<Context> | EventHandlers<Context>): OnEvent<Context> {
  if (typeof onEvent === "function") return onEvent;
  if (typeof onEvent !== "object" || onEvent === null) throw invalidOption("onEvent", onEvent, ADVICE);
  const handlers = new Map(Object.entries(onEvent)) as Map<string, OnEvent<Context>>;
  const other = handlers.get("other");
  for (const [type, handler] of [["other", other], ...handlers] as const) {
    callable(`onEvent["${type}"]`, handler, ADVICE);
    if (type !== "other") warnIfUnknown(type);
  }
  return (event, context) => (handlers.get(event.type) ?? other!)(event, context);
}

const ADVICE = "Give a function, or an object with one for each type of event and, as `other`, one for every other event.";

/** Not an error, since Dealix adds types over time. */
function warnIfUnknown(type: string): void {
  if ((EVENT_TYPES as readonly string[]).includes(type)) return;
  console.warn(`@dealix/webhooks: this version knows no event type "${type}", which onEvent handles. Is it misspelt?`);
}
