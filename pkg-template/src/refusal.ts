import { describe, WebhookVerificationError, type ErrorDetails, type VerdictCode } from "./errors.js";
import { headerNames, type HeadersInput } from "./header.js";
import { encode } from "./text.js";
import type { Verifier } from "./verifier.js";

const MAX_HEADER_BYTES = 8 * 1024;

/** What was seen, what to do, and facts. */
type Words = readonly [seen: string, advice: string, details?: ErrorDetails];

/** The error for a verdict, in words. To be called right after it, since two facts are those of the verifier's last verdict. */
export function refusal(code: VerdictCode, verifier: Verifier, header: string | null, headers: HeadersInput): WebhookVerificationError {
  return new WebhookVerificationError(code, ...words(code, verifier, header, headers));
}

function words(code: VerdictCode, verifier: Verifier, header: string | null, headers: HeadersInput): Words {
  switch (code) {
    case "malformed_header":
      return header === null ? missingHeader(headers) : malformedHeader(header);
    case "bad_timestamp":
      return [
        "The Dealix-Signature header does not hold exactly one t=<unix seconds>.",
        "Pass the header exactly as it arrived: not trimmed, joined with another or rewritten.",
      ];
    case "missing_v1":
      return [
        "The Dealix-Signature header holds no v1=<signature>.",
        "Pass the header exactly as it arrived; if it came like this, it is not from Dealix.",
      ];
    case "stale_signature":
      return staleSignature(verifier);
    case "signature_mismatch":
      return mismatch(verifier);
  }
}

function missingHeader(headers: HeadersInput): Words {
  const names = headerNames(headers);
  const seen = names.length === 0 ? `What was given holds no headers: ${describe(headers)}.` : `The headers are: ${names.join(", ")}.`;
  return [
    `There is no Dealix-Signature header. ${seen}`,
    "Pass the request's headers (in Next.js, `await headers()`), or the header's text; if a proxy stands before this server, let it keep the header.",
    { headerNames: names },
  ];
}

function malformedHeader(header: string): Words {
  const fault = header === "" ? "is empty" : encode(header).length > MAX_HEADER_BYTES ? "is over 8 KiB" : "has no comma";
  return [
    `The Dealix-Signature header ${fault}.`,
    "Pass the header exactly as it arrived: t=<unix seconds>,v1=<64 hex digits>.",
  ];
}

function staleSignature({ ageSeconds, maxAgeSeconds }: Verifier): Words {
  const when = ageSeconds < 0 ? "ahead of" : "ago by";
  return [
    `The delivery was signed ${Math.abs(ageSeconds)} s ${when} this machine's clock; the limit is ${maxAgeSeconds} s.`,
    "Set this machine's clock (NTP) if it is wrong; an old delivery that is sent again is refused on purpose.",
    { ageSeconds, maxAgeSeconds },
  ];
}

function mismatch({ signatureCount: signaturesTried, secretCount, hasWrappedSecret }: Verifier): Words {
  const signatures = signaturesTried === 1 ? "The signature does" : `The ${signaturesTried} signatures do`;
  const [secrets, one] = secretCount === 1 ? ["the secret", "The secret"] : [`any of the ${secretCount} secrets`, "One of them"];
  const wrapped = hasWrappedSecret ? ` ${one} begins or ends with white space or a quote.` : "";
  return [
    `${signatures} not match the body under ${secrets}.${wrapped}`,
    "Check that this is the secret of this endpoint, and pass the body byte for byte as it arrived; " +
      "`diagnose` of @dealix/webhooks/testing finds out which.",
    { signaturesTried, secretsTried: secretCount },
  ];
}
