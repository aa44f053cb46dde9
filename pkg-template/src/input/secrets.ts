import { describe, WebhookConfigurationError } from "../errors.js";
import { guessable, unwrapped } from "./guessable-secret.js";
import { isForEdge } from "../runtime/bundle.js";
import { encode, wellFormed } from "../runtime/text.js";

/**
 * One secret, or several of which any may match: the current one first, then those being rotated out. Pass environment
 * variables unchanged: an unset one is `empty_secret`.
 */
export type Secrets = string | undefined | readonly (string | undefined)[];

/**
 * The number of keys the wasm module keeps: SLOTS in src/wasm/receiver/keys.rs, which tests/npm/core-limits.test.mjs compares.
 */
const MAX_SECRETS = 256;
/** Far longer than any real secret, and shorter than the wasm module's buffer. */
const MAX_SECRET_BYTES = 64 * 1024;

/** Checks the secrets and returns their UTF-8 bytes, so that an unset variable fails at start-up. */
export function encodeSecrets(secrets: Secrets): Uint8Array[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (list.length === 0) throw emptySecret("The list of secrets is empty.");
  if (list.length > MAX_SECRETS) {
    const seen = `There are ${list.length} secrets, over the limit of ${MAX_SECRETS}.`;
    throw invalidSecret(seen, "Leave out the old ones.");
  }
  return Array.from({ length: list.length }, (_, index) => {
    // A hole in the list is an unset secret, whatever a polluted prototype provides there.
    const secret = Object.hasOwn(list, index) ? list[index] : undefined;
    return encodeSecret(secret, list.length === 1 ? "The secret" : `Secret ${index + 1} of ${list.length}`);
  });
}

/** Whether a secret begins or ends with a blank or a quote, the most common visible mistake. */
export function isWrapped(secret: string): boolean {
  return unwrapped(secret) !== secret;
}

function encodeSecret(secret: unknown, which: string): Uint8Array {
  if (secret === undefined || secret === null || secret === "") throw emptySecret(`${which} is ${describe(secret)}.`);
  if (typeof secret !== "string") throw invalidSecret(`${which} is ${describe(secret)}.`, "Pass it as a string.");
  // A TextEncoder would replace it with U+FFFD and so sign with another key.
  if (wellFormed(secret) !== secret) throw invalidSecret(`${which} contains a lone surrogate.`, COPY);
  const bytes = encode(secret);
  if (bytes.length > MAX_SECRET_BYTES) throw invalidSecret(`${which} is over 64 KiB.`, COPY);
  const fault = guessable(secret);
  if (fault !== null) throw invalidSecret(`${which} ${fault}`, "Set the environment variable that holds it.");
  if (isWrapped(secret)) warnOfWrapping(which);
  return bytes;
}

const COPY = "Copy it again from Dealix.";

let hasWarned = false;

/**
 * Once per process, since a verifier may be built for each request. Not an error, since it may really be the secret.
 */
function warnOfWrapping(which: string): void {
  if (hasWarned) return;
  hasWarned = true;
  globalThis.console?.warn(
    `@dealix/webhooks: ${which} begins or ends with white space or a quote. Remove it, unless Dealix shows it.`,
  );
}

/** Only handlers take a function. */
const ADVICE =
  "Set the environment variable that holds it" +
  (isForEdge ? ": in a Worker with `npx wrangler secret put`, locally in `.dev.vars`. " : ". ") +
  "In a build step pass `secret: () => process.env.DEALIX_WEBHOOK_SECRET`.";

function emptySecret(seen: string): WebhookConfigurationError {
  return new WebhookConfigurationError("empty_secret", seen, ADVICE);
}

function invalidSecret(seen: string, advice: string): WebhookConfigurationError {
  return new WebhookConfigurationError("invalid_secret", seen, advice);
}
