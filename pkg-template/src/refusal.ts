import type { missingBody } from "./body.js";
import { describe, WebhookVerificationError, type ErrorDetails, type VerdictCode } from "./errors.js";
import { contentEncoding, headerNames, type HeadersInput } from "./header.js";
import { encode } from "./text.js";
import type { Verifier } from "./verifier.js";

const MAX_HEADER_BYTES = 8 * 1024;

/** What was seen, what to do, and facts. */
type Words = readonly [seen: string, advice: string, details?: ErrorDetails];

/** What was verified, as far as the words need it. */
export interface Verified {
  readonly header: string | null;
  readonly headers: HeadersInput;
  /** In place of a body, where there was none. */
  readonly missing?: ReturnType<typeof missingBody> | undefined;
}

/** The error for a verdict, in words. To be called right after it, since two facts are those of the verifier's last verdict. */
export function refusal(code: VerdictCode, verifier: Verifier, verified: Verified): WebhookVerificationError {
  return new WebhookVerificationError(code, ...words(code, verifier, verified));
}

function words(code: VerdictCode, verifier: Verifier, { header, headers, missing }: Verified): Words {
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
      return mismatch(verifier, headers, missing);
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

function mismatch(verifier: Verifier, headers: HeadersInput, missing: Verified["missing"]): Words {
  const facts = { signaturesTried: verifier.signatureCount, secretsTried: verifier.secretCount };
  if (missing) return [missing.seen, missing.advice, { ...facts, received: missing.received }];
  const encoding = contentEncoding(headers);
  if (encoding === null) return [notMatching(verifier), `${CHECK_SECRET} ${FIND_OUT}`, facts];
  return [
    `The body came with Content-Encoding: ${encoding}. The signature covers what was compressed, and does not match these bytes.`,
    `Let nothing compress requests on their way, or decompress them before you verify. ${CHECK_SECRET} ${FIND_OUT}`,
    { ...facts, contentEncoding: encoding },
  ];
}

const CHECK_SECRET = "Check that this is the secret of this endpoint, and pass the body byte for byte as it arrived.";
const FIND_OUT = "`npx @dealix/webhooks explain`, or `diagnose` of @dealix/webhooks/testing, finds out which.";

function notMatching({ signatureCount, secretCount, hasWrappedSecret }: Verifier): string {
  const signatures = signatureCount === 1 ? "The signature does" : `The ${signatureCount} signatures do`;
  const [secrets, one] = secretCount === 1 ? ["the secret", "The secret"] : [`any of the ${secretCount} secrets`, "One of them"];
  const wrapped = hasWrappedSecret ? ` ${one} begins or ends with white space or a quote.` : "";
  return `${signatures} not match the body under ${secrets}.${wrapped}`;
}
