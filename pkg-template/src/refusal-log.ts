import type { VerificationCode, WebhookVerificationError } from "./errors.js";

const QUIET_MS = 5000;
const MAX_MESSAGE_LENGTH = 1000;

/** When a line was last written for a code, and how many there would have been since. */
const written = new Map<VerificationCode, { at: number; unwritten: number }>();

/**
 * Writes a line. Anybody can have a delivery refused: of a flood there is one line in five seconds for each code, so that it hides
 * no other mistake, and it counts the rest. What came over the network is cut, and cannot steer a terminal.
 */
export function logRefusal({ name, code, message }: WebhookVerificationError): void {
  const at = Date.now();
  const last = written.get(code);
  if (last && Math.abs(at - last.at) < QUIET_MS) {
    last.unwritten += 1;
    return;
  }
  written.set(code, { at, unwritten: 0 });
  const more = last?.unwritten ? ` (and ${last.unwritten} more since the last line)` : "";
  console.warn(`${name} ${code}${more}: ${message.slice(0, MAX_MESSAGE_LENGTH).replace(/[^ -~]/g, "?")}`);
}
