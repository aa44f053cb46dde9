import { WebhookVerificationError } from "./errors.js";

/** A body that is arriving. */
export interface HeldBody {
  /** Lets go of it, and tells the budget. */
  fail(error: WebhookVerificationError): void;
}

/**
 * The memory of all bodies that are arriving at one receiver, by what they take and not by what they announce. Beyond it the
 * one that began first has to go: a genuine delivery arrives in a moment, and what is meant to fill the memory stays.
 */
export class BodyBudget {
  /** The oldest first. */
  readonly #bodies = new Map<HeldBody, number>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** To be called before a body takes so many bytes in place of what it took until now. It may be the one that has to go. */
  hold(body: HeldBody, bytes: number): void {
    this.#bytes += bytes - (this.#bodies.get(body) ?? 0);
    this.#bodies.set(body, bytes);
    for (const oldest of this.#bodies.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      oldest.fail(receiverBusy(this.#maxBytes));
    }
  }

  release(body: HeldBody): void {
    this.#bytes -= this.#bodies.get(body) ?? 0;
    this.#bodies.delete(body);
  }
}

function receiverBusy(maxBufferedBytes: number): WebhookVerificationError {
  return new WebhookVerificationError(
    "receiver_busy",
    `The bodies that are arriving take over ${maxBufferedBytes} bytes, and this one has taken longest.`,
    "Raise `maxBufferedBytes` if that many genuine deliveries arrive at once.",
    { maxBufferedBytes },
  );
}
