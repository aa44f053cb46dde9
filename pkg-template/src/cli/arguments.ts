// A message names an option, or an argument by its number, but never shows a value: people paste secrets in the wrong
// place.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { didYouMean } from "./nearest.js";

/** A mistake in the arguments; the message says what was seen and what is expected. */
export class UsageError extends Error {}

const WHERE_SECRETS_COME_FROM =
  "other users can see arguments; set DEALIX_WEBHOOK_SECRET, or write the secret to standard input";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Token = ReturnType<typeof parseArgs<{ tokens: true; strict: false; allowPositionals: true }>>["tokens"][number];

/** The options' values by name. A positional argument or an unknown option is a usage error. */
export function parse<const T extends Options>(words: string[], own: T) {
  return parseAll(words, own, 0).values;
}

/** Like `parse`, for a command that takes one argument without an option, which is called `name` in messages. */
export function parseWithOperand<const T extends Options>(words: string[], own: T, name: string) {
  const { values, positionals } = parseAll(words, own, 1);
  if (!positionals[0]) throw new UsageError(`${name} is missing`);
  return { values, operand: positionals[0] };
}

function parseAll<const T extends Options>(words: string[], own: T, mostOperands: number) {
  const options = { ...own, json: { type: "boolean", default: false } } as const;
  let operands = 0;
  // Node's own messages quote the arguments.
  for (const token of parseArgs({ args: words, options, strict: false, tokens: true }).tokens) {
    if (token.kind === "positional" && ++operands <= mostOperands) continue;
    const fault = faultOf(token, options);
    if (fault !== undefined) throw new UsageError(fault);
  }
  return parseArgs({ args: words, options, strict: true, allowPositionals: mostOperands > 0 });
}

function faultOf(token: Token, options: Options): string | undefined {
  if (token.kind === "option-terminator") return undefined;
  const place = `argument ${token.index + 1}`;
  if (token.kind === "positional")
    return `${place} belongs to no option; if it is a secret, ${WHERE_SECRETS_COME_FROM}`;
  const { name, rawName, value, inlineValue } = token;
  if (/^--(secret|key|token|password)$/.test(rawName))
    return `there is no option '${rawName}': ${WHERE_SECRETS_COME_FROM}`;
  if (!Object.hasOwn(options, name)) {
    return `${place} is not an option of this command${didYouMean(rawName, Object.keys(options).map(dashed))}`;
  }
  if (options[name]?.type === "boolean") return value === undefined ? undefined : `--${name} takes no value`;
  if (value === undefined) return `--${name} needs a value`;
  const isOption = !inlineValue && value.length > 1 && value.startsWith("-");
  return isOption ? `--${name} is followed by an option; if that is its value, write --${name}=VALUE` : undefined;
}

function dashed(option: string): string {
  return `--${option}`;
}

/** The value of a required option. */
export function required(option: string, value: string | undefined): string {
  if (value === undefined || value === "") throw new UsageError(`--${option} is missing`);
  return value;
}

/** A whole number, or undefined if the option is absent. */
export function wholeNumber(option: string, value: string | undefined, least = -Infinity): number | undefined {
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(value)) throw new UsageError(`--${option} is not a whole number`);
  if (Number(value) < least) throw new UsageError(`--${option} is below ${least}`);
  return Number(value);
}
