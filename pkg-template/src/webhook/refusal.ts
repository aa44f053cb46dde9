import { describe, WebhookVerificationError, type ErrorDetails, type VerdictCode } from "../errors.js";
import { MAX_HEADER_BYTES } from "../generated/constants.js";
import { contentEncoding, headerNames, signatureHeader, type HeadersInput } from "../input/headers.js";
import { encode } from "../runtime/text.js";
import type { Verifier } from "./verifier.js";

/** What was seen, what to do, and details. */
type Words = readonly [seen: string, advice: string, details?: ErrorDetails];

/**
 * The error that explains a verdict; `missing` is what to say about a missing body. Call this right after the verdict:
 * the verifier keeps some of its details only until the next one.
 */
export function refusal(
  code: VerdictCode,
  verifier: Verifier,
  headers: HeadersInput,
  missing?: Words,
): WebhookVerificationError {
  return new WebhookVerificationError(code, ...words(code, verifier, headers, missing));
}

function words(code: VerdictCode, verifier: Verifier, headers: HeadersInput, missing: Words | undefined): Words {
  switch (code) {
    case "malformed_header":
      return malformedHeader(headers);
    case "bad_timestamp":
      return [
        "The Dealix-Signature header does not contain exactly one t=<unix seconds>.",
        "Pass the header exactly as it arrived: not trimmed, joined with another or rewritten.",
      ];
    case "missing_v1":
      return [
        "The Dealix-Signature header contains no v1=<signature>.",
        "Pass the header exactly as it arrived; if it came like this, it is not from Dealix.",
      ];
    case "stale_signature":
      return staleSignature(verifier);
    case "signature_mismatch":
      return mismatch(verifier, headers, missing);
  }
}

function missingHeader(headers: HeadersInput): Words {
  const names = headerNames(headers);
  const seen =
    names.length === 0 ? `No headers were passed: ${describe(headers)}.` : `The headers are: ${names.join(", ")}.`;
  return [
    `There is no Dealix-Signature header. ${seen}`,
    "Pass the request's headers (in Next.js, `await headers()`), or the header's text. If a proxy is in front, " +
      "let it keep the header.",
    { headerNames: names },
  ];
}

function malformedHeader(headers: HeadersInput): Words {
  const header = signatureHeader(headers);
  if (header === null) return missingHeader(headers);
  const fault =
    header === "" ? "is empty" : encode(header).length > MAX_HEADER_BYTES ? "is over 8 KiB" : "has no comma";
  return [
    `The Dealix-Signature header ${fault}.`,
    "Pass the header exactly as it arrived: t=<unix seconds>,v1=<64 hex digits>.",
  ];
}

function staleSignature({ fact: ageSeconds, maxAgeSeconds }: Verifier): Words {
  const when = ageSeconds < 0 ? "ahead of" : "ago by";
  return [
    `The delivery was signed ${Math.abs(ageSeconds)} s ${when} this machine's clock; the limit is ${maxAgeSeconds} s.`,
    "Set this machine's clock (NTP) if it is wrong; old deliveries are refused on purpose.",
    { ageSeconds, maxAgeSeconds },
  ];
}

function mismatch(verifier: Verifier, headers: HeadersInput, missing: Words | undefined): Words {
  const facts = { signaturesTried: verifier.fact, secretsTried: verifier.secretCount };
  if (missing) return [missing[0], missing[1], { ...facts, ...missing[2] }];
  const encoding = contentEncoding(headers);
  if (encoding === null) return [notMatching(verifier), `${CHECK_SECRET} ${FIND_OUT}`, facts];
  return [
    `The body came with Content-Encoding: ${encoding}. The signature covers the body before it was compressed.`,
    `Keep proxies and clients from compressing requests, or decompress the body before you verify it. ${CHECK_SECRET} ${FIND_OUT}`,
    { ...facts, contentEncoding: encoding },
  ];
}

const CHECK_SECRET = "Check that this is the secret of this endpoint, and pass the body byte for byte as it arrived.";
const FIND_OUT = "`npx @dealix/webhooks explain`, or `diagnose` from @dealix/webhooks/testing, finds out which it is.";

function notMatching({ fact: signatureCount, secretCount, hasWrappedSecret }: Verifier): string {
  const signatures = signatureCount === 1 ? "The signature does" : `The ${signatureCount} signatures do`;
  const [secrets, one] =
    secretCount === 1 ? ["the secret", "The secret"] : [`any of the ${secretCount} secrets`, "One of them"];
  const wrapped = hasWrappedSecret ? ` ${one} begins or ends with white space or a quote.` : "";
  return `${signatures} not match the body under ${secrets}.${wrapped}`;
}
