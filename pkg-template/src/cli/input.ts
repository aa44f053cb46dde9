import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { isWrapped } from "../secrets.js";
import { UsageError } from "./arguments.js";
import { report } from "./output.js";

const VARIABLE = "DEALIX_WEBHOOK_SECRET";

/** An option's value: `@FILE` is the bytes of a file, `-` those of standard input, anything else is itself. */
export function content(option: string, value: string): string | Uint8Array {
  if (value !== "-" && !value.startsWith("@")) return value;
  if (value === "-" && process.env[VARIABLE] === undefined) {
    throw new UsageError(`standard input cannot be both --${option} and the secret: set ${VARIABLE}, or use --${option} @FILE`);
  }
  try {
    return readFileSync(value === "-" ? 0 : value.slice(1));
  } catch (error) {
    throw new UsageError(`--${option} ${value}: ${(error as Error).message}`);
  }
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
      if (secret === undefined || secret === "") throw new UsageError(`--${option} ${name}: that environment variable is unset or empty`);
      return [name, secret];
    }),
  );
}

/** Says so where the secret that is about to sign looks as if more than the secret was copied. */
export function warnOfWrapping(secret: string): void {
  if (!isWrapped(secret)) return;
  report("warning: the secret begins or ends with white space or a quote; the other side must have it so too");
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
