import { readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { UsageError } from "./arguments.js";
import { printable } from "./output.js";

const VARIABLE = "DEALIX_WEBHOOK_SECRET";

/** An option's value: `@FILE` is the bytes of a file, `-` those of standard input, anything else is itself. */
export function content(option: string, value: string): string | Uint8Array {
  if (value !== "-" && !value.startsWith("@")) return literal(option, value);
  if (value === "-" && process.env[VARIABLE] === undefined) {
    throw new UsageError(`standard input cannot be both --${option} and the secret: set ${VARIABLE}, or use --${option} @FILE`);
  }
  try {
    return readFileSync(value === "-" ? 0 : value.slice(1));
  } catch (error) {
    throw new UsageError(`--${option}: ${unreadable(error as NodeJS.ErrnoException)}`);
  }
}

/** Content as text. What is not UTF-8 would silently become U+FFFD. */
export function utf8(option: string, content: string | Uint8Array): string {
  if (typeof content === "string") return content;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new UsageError(`--${option} is not UTF-8 text`);
  }
}

function literal(option: string, value: string): string {
  // A file's name is hardly a body: the @ was forgotten. A body that really is one can come through standard input.
  if (isFile(value)) {
    throw new UsageError(`--${option} is the name of a file, not its content; did you mean --${option} @${printable(value)}?`);
  }
  return value;
}

function isFile(name: string): boolean {
  try {
    return statSync(name).isFile();
  } catch {
    return false;
  }
}

/** Node's own message quotes the path. */
function unreadable({ code = "unknown" }: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "that is a folder", EACCES: "the file may not be read" };
  return reasons[code] ?? `the file cannot be read (${code})`;
}

/** The secret of the environment, or else the line that is standard input; a terminal is asked, without an echo. */
export async function readSecret(): Promise<string> {
  const secret = process.env[VARIABLE] ?? (process.stdin.isTTY ? await ask() : await firstLine());
  if (secret === "") throw new UsageError(`no secret: set ${VARIABLE}, or write it to standard input`);
  return secret;
}

/** The secrets in the environment variables of these names. */
export function namedSecrets(option: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const secret = process.env[name];
      if (secret === undefined || secret === "") throw new UsageError(`--${option}${usualName(name)}: that environment variable is unset or empty`);
      return [name, secret];
    }),
  );
}

/** A variable's name, unless somebody may have given the secret in its place. */
function usualName(name: string): string {
  return /^[A-Z][A-Z_]{0,40}$/.test(name) ? ` ${name}` : "";
}

/** Not by `readFileSync`, which fails where a pipe has nothing to read yet: `process.stdin` has made it non-blocking. */
async function firstLine(): Promise<string> {
  return (await text(process.stdin)).split(/\r?\n/, 1)[0] ?? "";
}

async function ask(): Promise<string> {
  process.stderr.write("Secret (not shown): ");
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await terminal.question("");
  } catch {
    // Ctrl-C or Ctrl-D: no secret.
    return "";
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
