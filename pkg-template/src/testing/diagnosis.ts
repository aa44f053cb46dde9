import type { VerdictCode } from "../errors.js";

/** Why a signature does not verify. The codes are frozen; a later version may know more. */
export type Cause =
  | "none"
  | "body_parsed"
  | "byte_order_mark"
  | "newline"
  | "line_endings"
  | "charset"
  | "base64_body"
  | "compressed_body"
  | "body_rewritten"
  | "body_truncated"
  | "empty_body"
  | "secret_wrapped"
  | "secret_encoded"
  | "other_secret"
  | "unknown_secret"
  | "milliseconds"
  | "clock_skew"
  | "other_provider"
  | "missing_header"
  | "header_rewritten"
  | "upper_case_hex"
  | "base64_signature"
  | "timestamp_not_signed"
  | "unknown";

/** What `diagnose` answers. Nothing in it holds a secret, a body or an expected MAC. */
export interface Diagnosis {
  /**
   * What `verify` says, which the diagnosis does not change; null where the signature is good. For a parsed object, which
   * `verify` refuses to look at, it is what no bytes could change, or else `signature_mismatch`. Where `details.incomplete`,
   * it is that of the secrets that were tried, of which the first is always one.
   */
  readonly verdict: VerdictCode | null;
  /** The cause, for programs; of several the first. `none` where the signature is good. */
  readonly cause: Cause;
  /** Whether it was proven: the signature matches once the mistake is undone, or the mistake is there to see. */
  readonly certain: boolean;
  /** One sentence on what was found. */
  readonly message: string;
  /** What to do; a sentence for each cause. */
  readonly advice: string;
  readonly details: DiagnosisDetails;
}

/** Facts about a diagnosis; only those that apply are there. */
export interface DiagnosisDetails {
  /** Other causes that are to be mended too. */
  readonly also?: readonly Cause[];
  /** What happened on the way to a byte-order mark, a newline at the end, or carriage returns. */
  readonly change?: "added" | "dropped";
  /**
   * What became of the body: `canonical`, `json_stringify`, `floats` (12500.0 became 12500), `json_string` (stringified twice),
   * `buffer_json`, `form_key`, `object_text`, `object` (parsed, and not to be restored); or what it was taken for: `latin1`,
   * `windows_1252`, `utf_16`, `replacement_character`.
   */
  readonly form?: string;
  /** What stands around the secret: `white_space`, `newline`, `quotes`, `name` (as in `NAME=secret`), `whsec_prefix`. */
  readonly around?: string;
  /** What the sender's secret has around it and this one has not. */
  readonly missing?: string;
  /** The secret given is this encoding of the right one: `base64`, `hex`, `url`. */
  readonly encoded?: string;
  /** The right secret is this encoding of the one given. */
  readonly decoded?: string;
  /** Which of the secrets it is, counted from 0, where one was found. */
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
   * What happened to the header: `white_space`, `quotes`, `name_in_value`, `semicolons`, `url_encoded`, `upper_case`, `joined`,
   * `truncated`, `other`.
   */
  readonly header?: string;
  /** The names of the headers that were there, where the signature header was not; at most 50. */
  readonly headerNames?: readonly string[];
  /** How long a body is that was cut, and how long its `Content-Length` says that it was. */
  readonly bodyBytes?: number;
  readonly contentLength?: number;
  /** There where the body is too long or the secrets too many for all to be tried in about a second. */
  readonly incomplete?: true;
}
