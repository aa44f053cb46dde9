import { atCaller, WebhookVerificationError } from "../errors.js";
import type { DealixEvent } from "../events.js";
import { DEFAULT_MAX_AGE_SECONDS } from "../generated/constants.js";
import { arrivedContent, bodyContent, missingBody, type Body } from "../input/body.js";
import { environment } from "../input/environment.js";
import { signatureHeader, type HeadersInput } from "../input/headers.js";
import { knownOptions, now, signingTime, wholeNumber } from "../input/options.js";
import { BODY_OPTIONS, bodyLimits, type BodyLimits, type BodyOptions } from "../input/reading/limits.js";
import { assertRequest, readBody, type RequestLike } from "../input/reading/request.js";
import type { Secrets } from "../input/secrets.js";
import { envelopeFault, parseEnvelope } from "./envelope.js";
import { refusal } from "./refusal.js";
import { sign } from "./sign.js";
import { verdictCode, Verifier } from "./verifier.js";

/** The limits on bodies are for `verifyRequest`, which reads them. */
export interface WebhookOptions extends BodyOptions {
  /**
   * How old, or how far in the future, a signature may be, in whole seconds: 300 by default. 0 means the same second;
   * the check cannot be turned off.
   */
  maxAgeSeconds?: number | undefined;
}

/** What `check` returns. */
export type CheckResult =
  | { readonly valid: true; readonly event: DealixEvent; readonly error: null; readonly secretIndex: number }
  | {
      readonly valid: false;
      readonly event: null;
      readonly error: WebhookVerificationError;
      readonly secretIndex: null;
    };

/**
 * Verifies the deliveries to one endpoint, and signs test payloads for it.
 *
 * ```js
 * import { Webhook } from "@dealix/webhooks";
 *
 * const webhook = new Webhook(process.env.DEALIX_WEBHOOK_SECRET);
 * const event = webhook.verify(rawBody, req.headers); // throws WebhookVerificationError
 * ```
 */
export class Webhook {
  readonly #verifier: Verifier;
  readonly #limits: BodyLimits;

  /**
   * Takes the endpoint's secret, or several while one is being rotated out: `[current, previous]`. Without arguments it
   * takes the environment variable `DEALIX_WEBHOOK_SECRET`. Throws `WebhookConfigurationError` if one is unset, so that
   * this fails at start-up.
   */
  constructor(...words: [secret?: Secrets, options?: WebhookOptions]) {
    const [secret = words.length === 0 ? environment()?.() : undefined, options = {}] = words;
    [this.#limits, this.#verifier] = atCaller(Webhook, () => {
      const { maxAgeSeconds, ...limits } = knownOptions(options, { maxAgeSeconds: undefined, ...BODY_OPTIONS });
      const maxAge = wholeNumber("maxAgeSeconds", maxAgeSeconds, DEFAULT_MAX_AGE_SECONDS);
      return [bodyLimits(limits), new Verifier(secret, maxAge)];
    });
  }

  /**
   * Returns the event of a genuine delivery, and throws `WebhookVerificationError` for anything else.
   *
   * `body` is what arrived, as text or bytes, never a parsed object (`WebhookUsageError`, `body_parsed`);
   * `headers` are the request's, in any common form, or the text of its `Dealix-Signature` header.
   */
  verify(body: Body, headers: HeadersInput): DealixEvent {
    const { event, error } = this.check(body, headers);
    if (error !== null) throw error;
    return event;
  }

  /** Like `verify`, but returns the error instead of throwing it, whatever a request contains. */
  check(body: Body, headers: HeadersInput): CheckResult {
    const content = arrivedContent(body, headers) ?? "";
    const verdict = this.#verifier.verify(signatureHeader(headers) ?? "", content, now());
    const code = verdictCode(verdict);
    if (code !== null) {
      const missing = content.length === 0 ? missingBody(body) : undefined;
      return refuse(refusal(code, this.#verifier, headers, missing));
    }
    const event = parseEnvelope(content);
    if (typeof event === "string") return refuse(invalidEnvelope(event));
    return { valid: true, event, error: null, secretIndex: verdict };
  }

  /**
   * Checks the header before the body is read: returns the error if no body can make the delivery genuine, otherwise
   * null. A receiver that reads bodies itself should refuse such a delivery at once, as the handlers and
   * `verifyRequest` do.
   *
   * ```js
   * const error = webhook.checkHeader(request.headers);
   * ```
   */
  checkHeader(headers: HeadersInput): WebhookVerificationError | null {
    const code = verdictCode(this.#verifier.verifyHeader(signatureHeader(headers) ?? "", now()));
    return code === null ? null : refusal(code, this.#verifier, headers);
  }

  /** Reads a `Request`'s body, up to `maxBodyBytes`, and verifies it. If the header is wrong, the body is not read. */
  async verifyRequest(request: RequestLike): Promise<DealixEvent> {
    assertRequest(request);
    const { headers } = request;
    const error = this.checkHeader(headers);
    if (error !== null) throw error;
    return this.verify(await readBody(request, this.#limits), headers);
  }

  /**
   * The `Dealix-Signature` header for a body, under the first secret. The time is in seconds since 1970, now by
   * default.
   */
  sign(body: Body, timestamp?: number): string {
    return sign(this.#verifier, bodyContent(body), signingTime(timestamp));
  }
}

function refuse(error: WebhookVerificationError): CheckResult {
  return { valid: false, event: null, error, secretIndex: null };
}

function invalidEnvelope(field: string): WebhookVerificationError {
  return new WebhookVerificationError(
    "invalid_envelope",
    `The signature is good, but ${envelopeFault(field)}.`,
    "For other payloads use `verifySignature`.",
    { field },
  );
}
