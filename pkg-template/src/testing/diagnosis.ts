import type { VerdictCode } from "../errors.js";
import type { Cause } from "../generated/constants.js";

export type { Cause };

/** What `diagnose` returns. Nothing in it contains a secret, a body or an expected MAC. */
export interface Diagnosis {
  /**
   * What `verify` says, which the diagnosis does not change; null if the signature is good. For a parsed object, which
   * `verify` refuses, it is the header's verdict if no body could change that, otherwise `signature_mismatch`. With
   * `details.incomplete`, it is the verdict under the secrets that were tried, which always include the first.
   */
  readonly verdict: VerdictCode | null;
  /** The cause, for programs; the first if there are several. `none` if the signature is good. */
  readonly cause: Cause;
  /** Whether the cause is proven: the signature matches once the mistake is undone, or the mistake is plain to see. */
  readonly certain: boolean;
  /** One sentence on what was found. */
  readonly message: string;
  /** What to do; a sentence for each cause. */
  readonly advice: string;
  readonly details: DiagnosisDetails;
}

/** Facts about a diagnosis; only those that apply are present. */
export interface DiagnosisDetails {
  /** Other causes that need fixing too. */
  readonly also?: readonly Cause[];
  /** What happened in transit to a byte-order mark, a newline at the end, or carriage returns. */
  readonly change?: "added" | "dropped";
  /**
   * What became of the body: `canonical`, `json_stringify`, `floats` (12500.0 became 12500), `json_string` (stringified
   * twice), `buffer_json`, `form_key`, `object_text`, `object` (parsed, and impossible to restore); or the charset it
   * was mistaken for: `latin1`, `windows_1252`, `utf_16`, `replacement_character`.
   */
  readonly form?: string;
  /** What surrounds the secret: `white_space`, `newline`, `quotes`, `name` (as in `NAME=secret`), `whsec_prefix`. */
  readonly around?: string;
  /** What surrounds the sender's secret but not this one. */
  readonly missing?: string;
  /** The secret given is this encoding of the right one: `base64`, `hex`, `url`. */
  readonly encoded?: string;
  /** The right secret is this encoding of the one given. */
  readonly decoded?: string;
  /** Which of the secrets it is, counted from 0, if one was found. */
  readonly secretIndex?: number;
  /** Which of `otherSecrets` it is: its label, or `otherSecrets[0]` of a list. */
  readonly otherSecret?: string;
  /** What the body is compressed with: `gzip`, `deflate`, `br`, `zstd`, or `unknown`. */
  readonly contentEncoding?: string;
  /** `stripe`, `github`, `standard_webhooks`, `svix`, `shopify`, … */
  readonly provider?: string;
  /** What is in milliseconds: the header's `t`, or the receiver's clock. */
  readonly milliseconds?: "timestamp" | "now";
  /** The receiver's clock minus the signature's time, in seconds; negative for one from the future. */
  readonly ageSeconds?: number;
  readonly maxAgeSeconds?: number;
  /**
   * What happened to the header: `white_space`, `quotes`, `name_in_value`, `semicolons`, `url_encoded`, `upper_case`,
   * `joined`, `truncated`, `other`.
   */
  readonly header?: string;
  /** The names of the headers that were present when the signature header was not; at most 50. */
  readonly headerNames?: readonly string[];
  /** The length of a truncated body, and the length that its `Content-Length` announced. */
  readonly bodyBytes?: number;
  readonly contentLength?: number;
  /** Present if the body is too long or there are too many secrets to try everything in about a second. */
  readonly incomplete?: true;
}
