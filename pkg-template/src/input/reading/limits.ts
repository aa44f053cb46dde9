import { bodyBudget, type BodyBudget } from "./budget.js";
import { WebhookVerificationError } from "../../errors.js";
import { wholeNumber } from "../options.js";

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
const DEFAULT_BODY_TIMEOUT_SECONDS = 10;
const DEFAULT_MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

/** Limits on one body, and on all bodies together. */
export interface BodyOptions {
  /** The longest body that is read, in bytes: 1 MiB by default. */
  maxBodyBytes?: number | undefined;
  /** How long a whole body may take to arrive, in seconds: 10 by default. */
  bodyTimeoutSeconds?: number | undefined;
  /**
   * The memory for all bodies that are still arriving, in bytes: 64 MiB by default. Beyond that, the one that began
   * first is refused.
   */
  maxBufferedBytes?: number | undefined;
}

/** The names of `BodyOptions`, for `knownOptions`. */
export const BODY_OPTIONS = { maxBodyBytes: undefined, bodyTimeoutSeconds: undefined, maxBufferedBytes: undefined };

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly timeoutSeconds: number;
  readonly budget: BodyBudget;
}

/** Checks the options, and creates the budget that the bodies share. */
export function bodyLimits(options: BodyOptions): BodyLimits {
  const maxBodyBytes = maxBodyBytesOf(options);
  const timeoutSeconds = wholeNumber("bodyTimeoutSeconds", options.bodyTimeoutSeconds, DEFAULT_BODY_TIMEOUT_SECONDS, 1);
  // There must be room for at least one body of the maximum length.
  const most = Math.max(DEFAULT_MAX_BUFFERED_BYTES, maxBodyBytes);
  const maxBufferedBytes = wholeNumber("maxBufferedBytes", options.maxBufferedBytes, most, maxBodyBytes);
  return { maxBodyBytes, timeoutSeconds, budget: bodyBudget(maxBufferedBytes) };
}

export function maxBodyBytesOf({ maxBodyBytes }: BodyOptions): number {
  return wholeNumber("maxBodyBytes", maxBodyBytes, DEFAULT_MAX_BODY_BYTES, 0);
}

export function bodyTooLarge(maxBodyBytes: number): WebhookVerificationError {
  return new WebhookVerificationError(
    "body_too_large",
    `The body is over ${maxBodyBytes} bytes.`,
    "Raise `maxBodyBytes` if your events are that large.",
    { maxBodyBytes },
  );
}

/** For a host that cuts off a body within our limit. */
export function refusedByHost(maxBodyBytes: number): WebhookVerificationError {
  return new WebhookVerificationError(
    "body_too_large",
    "The body is over the host's own limit.",
    "Raise that limit: in SvelteKit's adapter-node with `BODY_SIZE_LIMIT`.",
    { maxBodyBytes },
  );
}

export function bodyTimeout(bodyTimeoutSeconds: number): WebhookVerificationError {
  return new WebhookVerificationError(
    "body_timeout",
    `The body did not arrive within ${bodyTimeoutSeconds} s.`,
    "Raise `bodyTimeoutSeconds` if genuine deliveries take longer.",
    { bodyTimeoutSeconds },
  );
}
