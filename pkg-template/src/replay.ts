export { WebhookReplayError } from "./errors.js";
