import { inspect } from "node:util";

/**
 * How to run the command. Without the scope, npx would run a package that anybody may have published under that name,
 * with the secret in its environment.
 */
export const COMMAND = "npx @dealix/webhooks";

/** Control and format characters, and line ends. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Prints a line. */
export function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Prints a value for programs, on one line. Since a terminal may show it, characters that would control it are escaped.
 */
export function json(value: unknown): void {
  line(JSON.stringify(value).replaceAll(STEERING, (character) => character.split("").map(escaped).join("")));
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Prints a line to standard error. */
export function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}

export const green = (text: string): string => styled(text, inspect.colors.green);
export const red = (text: string): string => styled(text, inspect.colors.red);
export const bold = (text: string): string => styled(text, inspect.colors.bold);
export const dim = (text: string): string => styled(text, inspect.colors.dim);

function styled(text: string, [on, off]: [number, number] = [0, 0]): string {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  const isColoured = FORCE_COLOR ? FORCE_COLOR !== "0" : process.stdout.isTTY && !NO_COLOR;
  return isColoured ? `\x1b[${on}m${text}\x1b[${off}m` : text;
}

/** Text from elsewhere, made safe: it must not control the terminal. */
export function printable(text: string): string {
  return text.replaceAll(STEERING, "\u{fffd}");
}

/** Like `printable`, but keeps line breaks, for a body that is shown. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join("\n");
}

/** The start of a text, with a note if there is more. */
export function cut(text: string, mostLines: number, mostCharacters: number): string {
  const lines = text.trimEnd().split(/\r?\n/);
  const start = lines.slice(0, mostLines).join("\n").slice(0, mostCharacters);
  return start.length === lines.join("\n").length ? start : `${start}\n… there is more, and --json shows it`;
}
