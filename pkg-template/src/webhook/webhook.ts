import { BODY_OPTIONS, bodyLimits, type BodyLimits, type BodyOptions } from "../input/reading/limits.js";
import { arrivedContent, bodyContent, missingBody, type Body } from "../input/body.js";
import { envelopeFault, parseEnvelope } from "./envelope.js";
import { atCaller, WebhookVerificationError } from "../errors.js";
import type { DealixEvent } from "../events.js";
import { signatureHeader, type HeadersInput } from "../input/headers.js";
import { knownOptions, now, signingTime, wholeNumber } from "../input/options.js";
import { refusal } from "./refusal.js";
import { assertRequest, readBody } from "../input/reading/request.js";
import type { Secrets } from "../input/secrets.js";
import { verdictCode, Verifier } from "./verifier.js";

/** How old, or how far in the future, a signature may be unless told otherwise. */
export const DEFAULT_MAX_AGE_SECONDS = 300;

/** The limits on bodies are for `verifyRequest`, which reads them. */
export interface WebhookOptions extends BodyOptions {
  /** The window in whole seconds, either way and inclusive: 300 by default, 0 is the same second. There is no "off". */
  maxAgeSeconds?: number | undefined;
}

/** What `check` answers. */
export type CheckResult =
  | { readonly valid: true; readonly event: DealixEvent; readonly error: null; readonly secretIndex: number }
  | { readonly valid: false; readonly event: null; readonly error: WebhookVerificationError; readonly secretIndex: null };

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
   * Takes the endpoint's secret, or several while one is rotated out: `[current, previous]`.
   * Throws `WebhookConfigurationError` where one is unset, so that this fails at start-up.
   */
  constructor(secret: Secrets, options: WebhookOptions = {}) {
    [this.#limits, this.#verifier] = atCaller(Webhook, () => {
      const { maxAgeSeconds, ...limits } = knownOptions(options, { maxAgeSeconds: undefined, ...BODY_OPTIONS });
      return [bodyLimits(limits), new Verifier(secret, wholeNumber("maxAgeSeconds", maxAgeSeconds, DEFAULT_MAX_AGE_SECONDS))];
    });
  }

  /**
   * Returns the event of a genuine delivery and throws `WebhookVerificationError` for any other.
   *
   * `body` is what arrived, as text or bytes, never a parsed object (`WebhookUsageError`, `body_parsed`);
   * `headers` are the request's, in any common form, or the text of its `Dealix-Signature` header.
   */
  verify(body: Body, headers: HeadersInput): DealixEvent {
    const { event, error } = this.check(body, headers);
    if (error !== null) throw error;
    return event;
  }

  /** As `verify`, without throwing for anything that a request can hold. */
  check(body: Body, headers: HeadersInput): CheckResult {
    const content = arrivedContent(body, headers) ?? "";
    const answer = this.#verifier.verify(signatureHeader(headers) ?? "", content, now());
    const code = verdictCode(answer);
    if (code !== null) return refuse(refusal(code, this.#verifier, headers, content.length === 0 ? missingBody(body) : undefined));
    const event = parseEnvelope(content);
    if (typeof event === "string") return refuse(invalidEnvelope(event));
    return { valid: true, event, error: null, secretIndex: answer };
  }

  /**
   * Checks the header before the body is read: returns the error of a delivery that no body can make genuine, or null. A receiver
   * that reads bodies itself should refuse such a delivery at once, as the handlers and `verifyRequest` do.
   *
   * ```js
   * const error = webhook.checkHeader(request.headers);
   * ```
   */
  checkHeader(headers: HeadersInput): WebhookVerificationError | null {
    const code = verdictCode(this.#verifier.verifyHeader(signatureHeader(headers) ?? "", now()));
    return code === null ? null : refusal(code, this.#verifier, headers);
  }

  /** Reads a `Request`'s body, up to `maxBodyBytes`, and verifies it; where the header is wrong, the body is not read. */
  async verifyRequest(request: Request): Promise<DealixEvent> {
    assertRequest(request);
    const error = this.checkHeader(request.headers);
    if (error !== null) throw error;
    return this.verify(await readBody(request, this.#limits), request.headers);
  }

  /** The `Dealix-Signature` header for a body, under the first secret; the time is in seconds since 1970, now by default. */
  sign(body: Body, timestamp?: number): string {
    return this.#verifier.sign(bodyContent(body), signingTime(timestamp));
  }
}

function refuse(error: WebhookVerificationError): CheckResult {
  return { valid: false, event: null, error, secretIndex: null };
}

function invalidEnvelope(field: string): WebhookVerificationError {
  return new WebhookVerificationError(
    "invalid_envelope",
    `The signature is good, but ${envelopeFault(field)}.`,
    "`verify` reads Dealix events only; for another payload use `verifySignature`.",
    { field },
  );
}
