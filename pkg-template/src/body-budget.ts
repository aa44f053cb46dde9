import { WebhookVerificationError } from "./errors.js";

/** A body that is arriving. */
export interface HeldBody {
  /** Lets go of it, and tells the budget. */
  fail(error: WebhookVerificationError): void;
}

/** The memory of all bodies that are arriving at one receiver, by what they take and not by what they announce. */
export interface BodyBudget {
  /** To be called before a body takes so many bytes in place of what it took until now. It may be the one that has to go. */
  hold(body: HeldBody, bytes: number): void;
  release(body: HeldBody): void;
}

/** Beyond `maxBytes` the body that began first has to go: a genuine delivery arrives in a moment, and what is meant to fill the memory stays. */
export function bodyBudget(maxBytes: number): BodyBudget {
  /** The oldest first. */
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
    `The bodies that are arriving take over ${maxBufferedBytes} bytes, and this one has taken longest.`,
    "Raise `maxBufferedBytes` if that many genuine deliveries arrive at once.",
    { maxBufferedBytes },
  );
}
