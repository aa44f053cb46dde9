import { WebhookVerificationError } from "../../errors.js";

/** A body that is still arriving. */
export interface HeldBody {
  /** Drops the body, and releases it from the budget. */
  fail(error: WebhookVerificationError): void;
}

/** The memory for all bodies arriving at one receiver, counted by what they use, not by what their headers announce. */
export interface BodyBudget {
  /** Call this before a body grows to this many bytes. It may itself be the one that is dropped. */
  hold(body: HeldBody, bytes: number): void;
  release(body: HeldBody): void;
}

/**
 * Over `maxBytes`, the body that began first is dropped: a genuine delivery arrives in a moment, while one that is
 * meant to fill the memory lingers.
 */
export function bodyBudget(maxBytes: number): BodyBudget {
  /** Oldest first. */
  const bodies = new Map<HeldBody, number>();
  let held = 0;

  function set(body: HeldBody, bytes: number): void {
    held += bytes - (bodies.get(body) ?? 0);
    bodies.set(body, bytes);
  }

  return {
    hold(body, bytes) {
      set(body, bytes);
      for (const oldest of bodies.keys()) {
        if (held <= maxBytes) return;
        oldest.fail(receiverBusy(maxBytes));
      }
    },
    release(body) {
      set(body, 0);
      bodies.delete(body);
    },
  };
}

function receiverBusy(maxBufferedBytes: number): WebhookVerificationError {
  return new WebhookVerificationError(
    "receiver_busy",
    `Bodies still arriving use over ${maxBufferedBytes} bytes, and this one began first.`,
    "Raise `maxBufferedBytes` if that many genuine deliveries arrive at once.",
    { maxBufferedBytes },
  );
}
