import type { WebhookVerificationError } from "../errors.js";

/** The HTTP status for a refused delivery. */
export function statusOf({ code, details }: WebhookVerificationError): number {
  switch (code) {
    case "body_timeout":
      return 408;
    case "body_too_large":
      return 413;
    case "receiver_busy":
      return 503;
    default:
      // A body that was compressed in transit cannot match.
      return Object.hasOwn(details, "contentEncoding") ? 415 : 400;
  }
}
