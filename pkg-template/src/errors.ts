/** What is wrong with a signature. The codes are frozen. */
export type VerdictCode =
  | "malformed_header"
  | "bad_timestamp"
  | "missing_v1"
  | "stale_signature"
  | "signature_mismatch";

/** Why a delivery is refused. The codes are frozen. */
export type VerificationCode = VerdictCode | "invalid_envelope" | "body_too_large" | "body_timeout" | "receiver_busy";

/** A configuration mistake, thrown when a verifier is built. The codes are frozen. */
export type ConfigurationCode = "empty_secret" | "invalid_secret" | "invalid_option" | "unsupported_runtime";

/** A mistake in a call. The codes are frozen. */
export type UsageCode = "body_parsed" | "body_detached" | "not_a_request" | "invalid_event" | "invalid_event_id";

/** Why the replay guard did not run a handler. The codes are frozen. */
export type ReplayCode = "delivery_in_progress" | "replay_store_full" | "replay_store_timeout";

/** Every code. */
export type ErrorCode = VerificationCode | ConfigurationCode | UsageCode | ReplayCode;

/**
 * Facts about an error: never a body, a secret or an expected MAC. Which are present depends on its code: see
 * `DetailsOf`.
 */
export interface ErrorDetails {
  /** The names of the headers that were present when the signature header was not; at most 50. */
  readonly headerNames?: readonly string[];
  /** The receiver's clock minus the signature's time, in seconds; negative for one from the future. */
  readonly ageSeconds?: number;
  readonly maxAgeSeconds?: number;
  readonly signaturesTried?: number;
  readonly secretsTried?: number;
  /** The envelope's field that is missing or of the wrong type; `body` if the body is not a JSON object. */
  readonly field?: string;
  readonly maxBodyBytes?: number;
  readonly bodyTimeoutSeconds?: number;
  readonly maxBufferedBytes?: number;
  /** The body's compression as the headers name it, such as `gzip`; `unknown` if that is not a plausible name. */
  readonly contentEncoding?: string;
  /** What was passed instead of what is needed, such as `a Promise`. */
  readonly received?: string;
  readonly option?: string;
}

/** The details that every error with this code has. */
interface PresentDetails {
  stale_signature: "ageSeconds" | "maxAgeSeconds";
  invalid_envelope: "field";
  body_too_large: "maxBodyBytes";
  body_timeout: "bodyTimeoutSeconds";
  receiver_busy: "maxBufferedBytes";
  invalid_option: "option";
  not_a_request: "received";
  invalid_event_id: "received";
}

/**
 * The details of an error with this code: `error.code === "stale_signature"` makes `error.details.ageSeconds` a number.
 */
export type DetailsOf<Code> = Code extends keyof PresentDetails
  ? ErrorDetails & Required<Pick<ErrorDetails, PresentDetails[Code]>>
  : ErrorDetails;

/** Where the errors are explained on the web, each under its code. */
export const DOCS = "https://docs.dealix.com/webhooks/javascript#";
/** The same in the installed package. */
const LOCAL_DOCS = "node_modules/@dealix/webhooks/README.md#";

/**
 * Marks the errors of every copy of this package. A process may load two: one imported and one required, or two
 * versions.
 */
const BRAND = Symbol.for("@dealix/webhooks error");

class BaseError<Code extends ErrorCode = ErrorCode> extends Error {
  // A field, because an assignment fails if Error.prototype is frozen.
  override readonly name: string = this.constructor.name;
  /** What went wrong, for programs. */
  declare readonly code: Code;
  /** Facts; comparing `code` tells TypeScript which of them are present. */
  declare readonly details: ErrorDetails;
  /** Where to read more on the web. */
  declare readonly docs: string;
  /** The same section in the README of the installed package. */
  declare readonly localDocs: string;

  /** @internal */
  constructor(code: Code, seen: string, advice: string, details: ErrorDetails = {}) {
    const [docs, localDocs] = [DOCS + code, LOCAL_DOCS + code];
    super(`${seen} ${advice} See ${docs} or ${localDocs}`);
    this.code = code;
    this.details = details;
    this.docs = docs;
    this.localDocs = localDocs;
  }

  get [BRAND](): true {
    return true;
  }

  static override get name(): string {
    return "WebhookError";
  }

  static override [Symbol.hasInstance]<Instance>(
    this: abstract new (
      ...words: never[]
    ) => Instance,
    value: unknown,
  ): value is Instance {
    try {
      if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
      return (value as { [BRAND]?: true })[BRAND] === true && classNames(value).includes(this.name);
    } catch {
      // Null, or a Proxy that throws.
      return false;
    }
  }
}

/** The names of a value's class and of every class it extends. */
function classNames(value: unknown): string[] {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null ? [] : [(prototype as object).constructor.name, ...classNames(prototype)];
}

// The static names are there because a minifier renames classes. They are not static blocks: bundlers keep one even if
// nobody uses the class.
class VerificationError extends BaseError<VerificationCode> {
  static override get name(): string {
    return "WebhookVerificationError";
  }
}

class ConfigurationError extends BaseError<ConfigurationCode> {
  static override get name(): string {
    return "WebhookConfigurationError";
  }
}

class UsageError extends BaseError<UsageCode> {
  static override get name(): string {
    return "WebhookUsageError";
  }
}

class ReplayError extends BaseError<ReplayCode> {
  static override get name(): string {
    return "WebhookReplayError";
  }
}

/** One member for each code, so that comparing `code` narrows `details`. */
type ByCode<Base extends BaseError> = {
  [Code in Base["code"]]: Base & { readonly code: Code; readonly details: DetailsOf<Code> };
}[Base["code"]];

interface ErrorClass<Instance extends BaseError> {
  /** @internal */
  new (code: Instance["code"], seen: string, advice: string, details?: ErrorDetails): Instance;
  readonly prototype: Instance;
  readonly name: string;
}

/** The delivery is refused: respond with a bare 4xx. */
export type WebhookVerificationError = ByCode<VerificationError>;
/** The delivery is refused: respond with a bare 4xx. */
export const WebhookVerificationError = VerificationError as unknown as ErrorClass<WebhookVerificationError>;

/** The configuration is wrong: thrown at start-up, or by a handler whose secret is read later, at each request. */
export type WebhookConfigurationError = ByCode<ConfigurationError>;
/** The configuration is wrong: thrown at start-up, or by a handler whose secret is read later, at each request. */
export const WebhookConfigurationError = ConfigurationError as unknown as ErrorClass<WebhookConfigurationError>;

/** The call is wrong, whatever the delivery: a mistake for the developer to fix, not the sender. */
export type WebhookUsageError = ByCode<UsageError>;
/** The call is wrong, whatever the delivery: a mistake for the developer to fix, not the sender. */
export const WebhookUsageError = UsageError as unknown as ErrorClass<WebhookUsageError>;

/** The event's handler was not run: respond 503, so that Dealix sends the delivery again. The handlers do so. */
export type WebhookReplayError = ByCode<ReplayError>;
/** The event's handler was not run: respond 503, so that Dealix sends the delivery again. The handlers do so. */
export const WebhookReplayError = ReplayError as unknown as ErrorClass<WebhookReplayError>;

/** Any error of this package. */
export type WebhookError =
  | WebhookVerificationError
  | WebhookConfigurationError
  | WebhookUsageError
  | WebhookReplayError;
/**
 * The base of every error of this package. `instanceof` compares brand and name, so that it also recognizes the errors
 * of another copy of the package.
 */
export const WebhookError = BaseError as unknown as ErrorClass<WebhookError>;

/**
 * Runs the body of a public function. The stack of an error that it throws begins at the caller, so that Node and
 * debuggers show a line of the user's code.
 */
export function atCaller<T>(callee: object, run: () => T): T {
  try {
    return run();
  } catch (error) {
    // Missing from older versions of Firefox and Safari.
    const { captureStackTrace } = Error as { captureStackTrace?(error: Error, callee: object): void };
    if (error instanceof WebhookError) captureStackTrace?.(error, callee);
    throw error;
  }
}

/** Says what kind of value this is, without showing it: it may be a secret or a body. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value === "") return "an empty string";
  if (typeof value !== "object") return `a ${typeof value}`;
  const tag = tagOf(value);
  // Older Workers have no tags. The prototype is asked, because a parsed body may have its own `constructor`.
  const name = tag === "Object" ? (Object.getPrototypeOf(value)?.constructor?.name ?? tag) : tag;
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name === "Object" || name === "Array" ? name.toLowerCase() : name}`;
}

/** A value's kind, from any realm: `Object`, `ArrayBuffer`, `Request`. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
