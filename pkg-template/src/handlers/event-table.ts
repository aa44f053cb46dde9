import type { DealixEvent } from "../events.js";
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
  for (const [type, handler] of handlers) callable(`onEvent["${type}"]`, handler, ADVICE);
  return (event, context) => (handlers.get(event.type) ?? other)(event, context);
}

const ADVICE = "Pass a function, or an object with one for each event type and `other` for the rest.";
