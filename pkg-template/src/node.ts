export { WebhookVerificationError } from "./errors.js";
