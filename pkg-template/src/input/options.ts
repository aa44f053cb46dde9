import { describe, WebhookConfigurationError } from "../errors.js";

/**
 * The options that were passed; `none` names all that exist. Refuses anything that is not an object, and any unknown
 * option, since a typo would otherwise go unnoticed. Inherited properties do not count: a polluted `Object.prototype`
 * must not widen the window.
 */
export function knownOptions<Options extends object>(
  options: Options,
  none: { [Option in keyof Required<Options>]: undefined },
): Options {
  const known = () => Object.keys(none).join(", ");
  if (typeof options !== "object" || options === null)
    throw invalidOption("options", options, `Pass an object with ${known()}.`);
  // Not by spreading, which takes twice as long: on a short body that is a tenth of the whole call.
  const own: Record<string, unknown> = { ...none };
  for (const option of Object.keys(options)) {
    if (!Object.hasOwn(none, option)) {
      throw new WebhookConfigurationError(
        "invalid_option",
        `There is no option ${option}.`,
        `The options are ${known()}.`,
        { option },
      );
    }
    // A getter may have deleted it meanwhile.
    if (Object.hasOwn(options, option)) own[option] = options[option as keyof Options];
  }
  return own as Options;
}

/** A whole number of at least `least`, or the default if none is given. */
export function wholeNumber(option: string, value: number | undefined, otherwise: number, least = -Infinity): number {
  if (value === undefined) return otherwise;
  if (!Number.isInteger(value) || value < least) {
    throw invalidOption(
      option,
      value,
      `Pass a whole number${least > -Infinity ? `, ${least} or more` : " of seconds"}.`,
    );
  }
  return value;
}

/** Refuses at start-up what could not be called when a delivery arrives. */
export function callable(option: string, value: unknown, advice = "Pass a function."): void {
  if (typeof value !== "function") throw invalidOption(option, value, advice);
}

/** The time to sign at, in whole seconds since 1970; now if none is given. */
export function signingTime(timestamp: number | undefined): number {
  const time = wholeNumber("timestamp", timestamp, now(), 0);
  if (!Number.isSafeInteger(time)) throw invalidOption("timestamp", time, "Pass seconds since 1970, up to 2^53 - 1.");
  return time;
}

/** This machine's clock in whole seconds since 1970, rounded down. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** A clock that was passed in: seconds since 1970, fractions rounded down. */
export function clock(time: number | undefined): number {
  if (time === undefined) return now();
  if (!Number.isFinite(time)) {
    throw invalidOption("now", time, "Pass the seconds since 1970 as a number.");
  }
  return Math.floor(time);
}

/** The error for an option with a value that is not allowed. */
export function invalidOption(option: string, value: unknown, advice: string): WebhookConfigurationError {
  const received = typeof value === "number" ? String(value) : describe(value);
  return new WebhookConfigurationError("invalid_option", `The option ${option} is ${received}.`, advice, {
    option,
    received,
  });
}
