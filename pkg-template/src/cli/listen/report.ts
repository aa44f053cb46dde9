import { isKnownEvent, type DealixEvent } from "../../index.js";
import { envelopeFault } from "../../webhook/envelope.js";
import { forCommand, inWords } from "../explain.js";
import { handledLines } from "../forward/forwarded-lines.js";
import type { Handled } from "../forward/forwarder.js";
import { bold, dim, green, line, printable, red } from "../output.js";
import type { Outcome, Refusal } from "./outcome.js";

/** A delivery for programs. */
export function forPrograms(outcome: Outcome, { saved, forwarded }: Handled): object {
  return { ...verdict(outcome), ...(forwarded && { forwarded }), ...(saved !== undefined && { saved }) };
}

function verdict(outcome: Outcome): object {
  if (outcome.valid) return outcome;
  const { valid, error, diagnosis } = outcome;
  if (diagnosis) return { valid, ...forCommand(diagnosis) };
  return { valid, verdict: error.code, message: inShort(outcome), details: error.details };
}

/** Prints a delivery for people. */
export function show(outcome: Outcome, handled: Handled, arrived: Date, showData: boolean): void {
  const [first, ...rest] = outcome.valid ? event(outcome.event, showData) : refused(outcome);
  line(`${dim(arrived.toTimeString().slice(0, 8))} ${first}`);
  for (const text of [...rest, ...handledLines(handled, outcome.valid)]) line(text);
}

function event(event: DealixEvent, showData: boolean): string[] {
  const unknown = isKnownEvent(event) ? "" : dim(", a type newer than this package");
  const first = `${green("✓")} ${bold(printable(event.type))} ${printable(event.id)}${unknown}`;
  return showData ? [first, `  ${printable(JSON.stringify(event.data))}`] : [first];
}

function refused(refusal: Refusal): string[] {
  if (refusal.diagnosis) return inWords(refusal.diagnosis);
  return [`${red("✗")} ${refusal.error.code}`, `  ${printable(inShort(refusal))}`];
}

/** What to say without a diagnosis. The error's own advice is about the package's functions. */
function inShort({ error, diagnosis }: Refusal): string {
  const { code, message, details } = error;
  if (diagnosis === null) return "Not diagnosed: too many were refused at once.";
  if (code === "body_too_large") return `The body is over ${details.maxBodyBytes} bytes.`;
  if (code === "invalid_envelope") return `The signature is good, but ${envelopeFault(details.field)}.`;
  return message;
}
