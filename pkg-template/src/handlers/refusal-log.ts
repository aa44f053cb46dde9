import type { VerificationCode, WebhookVerificationError } from "../errors.js";

const QUIET_MS = 5000;
const MAX_MESSAGE_LENGTH = 1000;

/** For each code: when a line was last written, and how many refusals have gone unwritten since. */
const written = new Map<VerificationCode, { at: number; unwritten: number }>();

/**
 * Writes a line. Anybody can cause refusals, so a flood of them gets one line every five seconds, which counts the
 * rest. Each code is counted separately, so that none hides another. Text from the network is cut short and cannot
 * control a terminal.
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
