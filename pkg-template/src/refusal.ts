import { describe, WebhookVerificationError, type VerdictCode } from "./errors.js";
import { headerNames, type HeadersInput } from "./header.js";
import { encode } from "./text.js";
import { lastAgeSeconds, lastSignatureCount, type Verifier } from "./verifier.js";

const MAX_HEADER_BYTES = 8 * 1024;

/** The error for a verdict, in words. To be called right after it, since two facts are the last verdict's. */
export function refusal(code: VerdictCode, verifier: Verifier, header: string | null, headers: HeadersInput): WebhookVerificationError {
  switch (code) {
    case "malformed_header":
      return header === null ? missingHeader(headers) : malformedHeader(header);
    case "bad_timestamp":
      return new WebhookVerificationError(
        code,
        "The Dealix-Signature header does not hold exactly one t=<unix seconds>.",
        "Pass the header exactly as it arrived: not trimmed, joined with another or rewritten.",
      );
    case "missing_v1":
      return new WebhookVerificationError(
        code,
        "The Dealix-Signature header holds no v1=<signature>.",
        "Pass the header exactly as it arrived; if it came like this, it is not from Dealix.",
      );
    case "stale_signature":
      return staleSignature(lastAgeSeconds(), verifier.maxAgeSeconds);
    case "signature_mismatch":
      return mismatch(lastSignatureCount(), verifier);
  }
}

function missingHeader(headers: HeadersInput): WebhookVerificationError {
  const names = headerNames(headers);
  const seen = names.length === 0 ? `What was given holds no headers: ${describe(headers)}.` : `The headers are: ${names.join(", ")}.`;
  return new WebhookVerificationError(
    "malformed_header",
    `There is no Dealix-Signature header. ${seen}`,
    "Pass the request's headers (in Next.js, `await headers()`), or the header's text; if a proxy stands before this server, let it keep the header.",
    { headerNames: names },
  );
}

function malformedHeader(header: string): WebhookVerificationError {
  const fault = header === "" ? "is empty" : encode(header).length > MAX_HEADER_BYTES ? "is over 8 KiB" : "has no comma";
  return new WebhookVerificationError(
    "malformed_header",
    `The Dealix-Signature header ${fault}.`,
    "Pass the header's value exactly as it arrived: t=<unix seconds>,v1=<64 hex digits>.",
  );
}

function staleSignature(ageSeconds: number, maxAgeSeconds: number): WebhookVerificationError {
  const when = ageSeconds < 0 ? `${-ageSeconds} s ahead of this machine's clock` : `${ageSeconds} s ago by this machine's clock`;
  return new WebhookVerificationError(
    "stale_signature",
    `The delivery was signed ${when}; the limit is ${maxAgeSeconds} s.`,
    "Set this machine's clock (NTP) if it is wrong; an old delivery that is sent again is refused on purpose.",
    { ageSeconds, maxAgeSeconds },
  );
}

function mismatch(signaturesTried: number, { secretCount, hasWrappedSecret }: Verifier): WebhookVerificationError {
  const signature = signaturesTried === 1 ? "The signature does not match" : `None of the ${signaturesTried} signatures matches`;
  const secret = secretCount === 1 ? "the secret" : `any of the ${secretCount} secrets`;
  const wrapped = `${secretCount === 1 ? "The secret" : "One of them"} begins or ends with white space or a quote.`;
  return new WebhookVerificationError(
    "signature_mismatch",
    `${signature} the body under ${secret}.${hasWrappedSecret ? ` ${wrapped}` : ""}`,
    "Check that this is the secret of this endpoint, and that the body is passed byte for byte as it arrived; " +
      "`diagnose` of @dealix/webhooks/testing finds out which.",
    { signaturesTried, secretsTried: secretCount },
  );
}
