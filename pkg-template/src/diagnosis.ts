import type { VerdictCode } from "./errors.js";

/** Why a signature does not verify. The codes are frozen; a later version may know more. */
export type Cause =
  | "none"
  | "body_parsed"
  | "byte_order_mark"
  | "newline"
  | "line_endings"
  | "charset"
  | "base64_body"
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
  /** The verdict of `verify`, which the diagnosis does not change; null where the signature is good. */
  readonly verdict: VerdictCode | null;
  /** The cause, for programs; `none` where the signature is good. */
  readonly cause: Cause;
  /** Whether it was proven: the signature matches once the mistake is undone, or the mistake is there to see. */
  readonly certain: boolean;
  /** One sentence on what was found. */
  readonly message: string;
  /** One sentence on what to do. */
  readonly advice: string;
  readonly details: DiagnosisDetails;
}

/** Facts about a diagnosis; only those that apply are there. */
export interface DiagnosisDetails {
  /** Other causes that are to be mended too. */
  readonly also?: readonly Cause[];
  /** Whether a byte-order mark, a newline, carriage returns, or what stands around a secret, was added or dropped on the way. */
  readonly change?: "added" | "dropped";
  /**
   * What became of the body: `json_stringify`, `canonical`, `floats` (numbers lost their `.0`), `json_string` (stringified twice),
   * `buffer_json`, `form_key`, `object_text`; of its charset: `latin1`, `windows_1252`, `utf_16`, `replacement_character`; or the encoding
   * of a secret: `base64`, `hex`, `url`.
   */
  readonly form?: string;
  /** What stands around the secret: `white_space`, `newline`, `quotes`, `name` (as in `NAME=secret`), `whsec_prefix`. */
  readonly around?: string;
  /** Which of the secrets it is, counted from 0, where one was found. */
  readonly secretIndex?: number;
  /** Which of `otherSecrets` it is: its label, or `otherSecrets[0]` of a list. */
  readonly otherSecret?: string;
  /** `stripe`, `github`, `standard_webhooks`, `svix`, `shopify`, … */
  readonly provider?: string;
  /** What is in milliseconds: `timestamp` (the header's `t`) or `now` (this machine's clock, or the option). */
  readonly milliseconds?: "timestamp" | "now";
  /** The receiver's clock minus the signature's time, in seconds; negative for one from the future. */
  readonly ageSeconds?: number;
  readonly maxAgeSeconds?: number;
  /** What is wrong with the header: `white_space`, `quotes`, `name_in_value`, `semicolons`, `url_encoded`, `joined`, `truncated`, `other`. */
  readonly header?: string;
  /** The names of the headers that were there, where the signature header was not; at most 50. */
  readonly headerNames?: readonly string[];
  /** How long the body is, in bytes, and how long the request's `Content-Length` says that it was, where they differ. */
  readonly bodyBytes?: number;
  readonly contentLength?: number;
  /** True where the body is too long for all to be tried (over 4 MiB), so that a cause may have been overlooked. */
  readonly incomplete?: true;
}
