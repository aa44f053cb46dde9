import { DEFAULT_MAX_AGE_SECONDS } from "../generated/constants.js";
import { arrivedContent, type Body } from "../input/body.js";
import { atCaller, type VerdictCode } from "../errors.js";
import { signatureHeader as headerText, type HeadersInput } from "../input/headers.js";
import { clock, knownOptions, wholeNumber } from "../input/options.js";
import type { Secrets } from "../input/secrets.js";
import { verdictCode, verifierFor } from "./verifier.js";

export interface VerifySignatureOptions {
  /** The endpoint's secret, or several of which any may match. */
  secret: Secrets;
  /** The text of the `Dealix-Signature` header, or all headers. */
  signatureHeader: HeadersInput;
  /** The body exactly as it arrived. */
  body: Body;
  /** How old, or how far in the future, the signature may be, in whole seconds; 300 by default. */
  maxAgeSeconds?: number | undefined;
  /** The receiver's clock in seconds since 1970; now by default. */
  now?: number | undefined;
}

export type VerifySignatureResult =
  | { readonly valid: true; readonly error: null; readonly secretIndex: number }
  | { readonly valid: false; readonly error: VerdictCode; readonly secretIndex: null };

/**
 * The bare verdict on one delivery, whatever its body contains. `secretIndex` says which secret matched.
 *
 * ```js
 * const { valid, error } = verifySignature({ secret, signatureHeader, body });
 * ```
 */
export function verifySignature(options: VerifySignatureOptions): VerifySignatureResult {
  return atCaller(verifySignature, () => verdict(options));
}

const OPTIONS = {
  secret: undefined,
  signatureHeader: undefined,
  body: undefined,
  maxAgeSeconds: undefined,
  now: undefined,
};

function verdict(options: VerifySignatureOptions): VerifySignatureResult {
  const { secret, signatureHeader, body, maxAgeSeconds, now } = ownOptions(options);
  const verifier = verifierFor(secret, wholeNumber("maxAgeSeconds", maxAgeSeconds, DEFAULT_MAX_AGE_SECONDS));
  const content = arrivedContent(body, signatureHeader);
  const verdict = verifier.verify(headerText(signatureHeader) ?? "", content ?? "", clock(now));
  // A signature of an empty body does not vouch for a missing one.
  const error = verdictCode(verdict) ?? (content === null ? "signature_mismatch" : null);
  return error === null ? { valid: true, error, secretIndex: verdict } : { valid: false, error, secretIndex: null };
}

/** As `knownOptions`, but written out since it runs for each delivery: on a short body that is a tenth of the call. */
function ownOptions(options: VerifySignatureOptions): VerifySignatureOptions {
  if (typeof options !== "object" || options === null) return knownOptions<VerifySignatureOptions>(options, OPTIONS);
  const own: Record<keyof VerifySignatureOptions, unknown> = { ...OPTIONS };
  for (const option of Object.keys(options)) {
    // A getter may have deleted it meanwhile.
    if (!Object.hasOwn(options, option)) continue;
    switch (option) {
      case "secret":
        own.secret = options.secret;
        break;
      case "signatureHeader":
        own.signatureHeader = options.signatureHeader;
        break;
      case "body":
        own.body = options.body;
        break;
      case "maxAgeSeconds":
        own.maxAgeSeconds = options.maxAgeSeconds;
        break;
      case "now":
        own.now = options.now;
        break;
      default:
        return knownOptions(options, OPTIONS);
    }
  }
  return own as VerifySignatureOptions;
}
