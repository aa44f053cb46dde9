import { type Body, type HeadersInput, type Secrets } from "./index.js";
import type { Diagnosis } from "./diagnosis.js";

export interface DiagnoseOptions {
  /** The endpoint's secret, or several, as `Webhook` takes them. */
  secret: Secrets;
  /** All headers of the request, so that another provider's are seen, or the text of `Dealix-Signature`. */
  headers: HeadersInput;
  /** What was passed to `verify`: text or bytes, and here also the object that a parser made of it. */
  body: Body | object | null | undefined;
  /** Secrets of other endpoints and environments: a list, or by a label that the answer may name. Unset ones are passed over. */
  otherSecrets?: readonly (string | undefined)[] | Readonly<Record<string, string | undefined>> | undefined;
  /** The window in whole seconds; 300 by default. */
  maxAgeSeconds?: number | undefined;
  /** The receiver's clock in seconds since 1970; now by default. */
  now?: number | undefined;
}

export declare function diagnose(options: DiagnoseOptions): Diagnosis;
