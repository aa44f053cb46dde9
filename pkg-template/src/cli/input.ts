import { readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { UsageError } from "./arguments.js";
import { printable } from "./output.js";

const VARIABLE = "DEALIX_WEBHOOK_SECRET";

/** An option's value: `@FILE` is a file's bytes, `-` is standard input's, anything else is the value itself. */
export function content(option: string, value: string): string | Uint8Array {
  if (value !== "-" && !value.startsWith("@")) return literal(option, value);
  if (value === "-" && process.env[VARIABLE] === undefined) {
    throw new UsageError(
      `standard input cannot be both --${option} and the secret: set ${VARIABLE}, or use --${option} @FILE`,
    );
  }
  try {
    return readFileSync(value === "-" ? 0 : value.slice(1));
  } catch (error) {
    throw new UsageError(`--${option}: ${unreadable(error as NodeJS.ErrnoException)}`);
  }
}

/** Content as text. Anything that is not UTF-8 is refused, since it would silently become U+FFFD. */
export function utf8(option: string, content: string | Uint8Array): string {
  if (typeof content === "string") return content;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new UsageError(`--${option} is not UTF-8 text`);
  }
}

function literal(option: string, value: string): string {
  // A file's name is hardly a body: the @ was forgotten. If it really is the body, it can come through standard input.
  if (isFile(value)) {
    const suggestion = `--${option} @${printable(value)}`;
    throw new UsageError(`--${option} is the name of a file, not its content; did you mean ${suggestion}?`);
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
  const reasons: Record<string, string> = {
    ENOENT: "there is no such file",
    EISDIR: "that is a folder",
    EACCES: "permission to read the file is denied",
  };
  return reasons[code] ?? `the file cannot be read (${code})`;
}

/**
 * The secret from the environment, otherwise the first line of standard input. A terminal prompts for it and hides the
 * input.
 */
export async function readSecret(): Promise<string> {
  const secret = process.env[VARIABLE] ?? (process.stdin.isTTY ? await ask() : await firstLine());
  if (secret === "") throw new UsageError(`no secret: set ${VARIABLE}, or write it to standard input`);
  return secret;
}

/** The secrets in the environment variables with these names. */
export function namedSecrets(option: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const secret = process.env[name];
      if (secret === undefined || secret === "") {
        throw new UsageError(`--${option}${usualName(name)}: that environment variable is unset or empty`);
      }
      return [name, secret];
    }),
  );
}

/** A variable's name, unless it may be a secret that somebody gave instead. */
function usualName(name: string): string {
  return /^[A-Z][A-Z_]{0,40}$/.test(name) ? ` ${name}` : "";
}

/** Not read with `readFileSync`, which fails on an empty pipe: `process.stdin` has made it non-blocking. */
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
