import { parseArgs, type ParseArgsConfig } from "node:util";

/** A mistake in the call; the message says what was seen and what to give. */
export class UsageError extends Error {}

const WHERE_SECRETS_COME_FROM = "others can read arguments; set DEALIX_WEBHOOK_SECRET, or write the secret to standard input";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The options' values by name; a positional argument, or an option that is not there, is a usage error. */
export function parse<const T extends Options>(words: string[], options: T) {
  try {
    return parseArgs({ args: words, options: { ...options, json: { type: "boolean", default: false } }, strict: true }).values;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith("ERR_PARSE_ARGS")) throw error;
    // Node's first sentence says what is wrong; the others are about how to pass what looks like an option.
    const sentence = message.split(/[.] |\n/)[0] ?? message;
    throw new UsageError(/'--secret\b/.test(sentence) ? `${sentence}: ${WHERE_SECRETS_COME_FROM}` : sentence);
  }
}

/** The value of an option that must be there. */
export function required(option: string, value: string | undefined): string {
  if (value === undefined || value === "") throw new UsageError(`--${option} is missing`);
  return value;
}

/** A whole number, or undefined where the option is not there. */
export function wholeNumber(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(value)) throw new UsageError(`--${option} ${value} is not a whole number`);
  return Number(value);
}
