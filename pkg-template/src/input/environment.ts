const NAME = "DEALIX_WEBHOOK_SECRET";

/** Reads the secret from the environment when it is called; undefined if this runtime has no environment. */
export function environment(): (() => string | undefined) | undefined {
  const { env } = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process ?? {};
  // A polluted Object.prototype is no environment variable.
  return env && (() => (Object.hasOwn(env, NAME) ? env[NAME] : undefined));
}
