const NAME = "DEALIX_WEBHOOK_SECRET";

/** Reads the secret from the environment when it is called; undefined if this runtime has no environment. */
export function environment(): (() => string | undefined) | undefined {
  const { env } = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process ?? {};
  // A polluted Object.prototype is no environment variable. Some hosts' `env` is a Proxy whose properties are not its own.
  return env && (() => (NAME in Object.prototype && !Object.hasOwn(env, NAME) ? undefined : env[NAME]));
}
