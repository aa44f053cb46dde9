export type { Body } from "./input/body.js";
export {
  WebhookConfigurationError,
  WebhookError,
  WebhookReplayError,
  WebhookUsageError,
  WebhookVerificationError,
  type ConfigurationCode,
  type DetailsOf,
  type ErrorCode,
  type ErrorDetails,
  type ReplayCode,
  type UsageCode,
  type VerdictCode,
  type VerificationCode,
} from "./errors.js";
export {
  EVENT_TYPES,
  isKnownEvent,
  type DealixEvent,
  type DealixEventMap,
  type DeclaredEvent,
  type Envelope,
  type EventOf,
  type EventType,
  type KnownEvent,
  type KnownPayloads,
  type Payload,
  type UnknownEvent,
} from "./events.js";
export { DEFAULT_MAX_AGE_SECONDS } from "./generated/constants.js";
export { fetchHandler, type FetchHandler } from "./handlers/fetch.js";
export type { HeadersInput, HeadersLike, HeadersRecord } from "./input/headers.js";
export type { RequestLike } from "./input/reading/request.js";
export type { ErrorContext, EventContext, EventHandlers, HandlerOptions, ReceiverOptions } from "./handlers/options.js";
export type { Secrets } from "./input/secrets.js";
export { signPayload, type SignPayloadOptions } from "./webhook/sign-payload.js";
export {
  verifySignature,
  type VerifySignatureOptions,
  type VerifySignatureResult,
} from "./webhook/verify-signature.js";
export { Webhook, type CheckResult, type WebhookOptions } from "./webhook/webhook.js";
