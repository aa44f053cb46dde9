export type { Body } from "./body.js";
export {
  WebhookConfigurationError,
  WebhookError,
  WebhookReplayError,
  WebhookUsageError,
  WebhookVerificationError,
  type ConfigurationCode,
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
  type EventType,
  type KnownEvent,
  type Payload,
  type UnknownEvent,
} from "./events.js";
export { fetchHandler } from "./fetch-handler.js";
export type { HeadersInput, HeadersLike, HeadersRecord } from "./header.js";
export type { HandlerOptions } from "./receive.js";
export type { Secrets } from "./secrets.js";
export { signPayload, type SignPayloadOptions } from "./sign-payload.js";
export { verifySignature, type VerifySignatureOptions, type VerifySignatureResult } from "./verify-signature.js";
export { DEFAULT_MAX_AGE_SECONDS, Webhook, type CheckResult, type WebhookOptions } from "./webhook.js";
