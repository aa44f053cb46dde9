// Runtimes that are programs in npm packages.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { EXPECTED } from "../bundlers/consumer.mjs";
import { vectors } from "./vectors.mjs";

const require = createRequire(import.meta.url);
const LIMIT_MS = 180_000;

// So that an interrupted run ends what it started: see `startGroup`.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** The program in an npm package, such as `node-24/bin/node`. */
export function program(path) {
  try {
    return require.resolve(path);
  } catch (error) {
    throw new Error(
      `${path} is not installed; its npm package is for Linux on x64, and this is ${process.platform} on ${process.arch}`,
      { cause: error },
    );
  }
}

/** Runs a program to its end and returns what it printed; the error for a failure includes its standard error. */
export async function run(command, words, { input = "", ...options } = {}) {
  const child = spawn(command, words, {
    cwd: import.meta.dirname,
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
    ...options,
  });
  // A program that ends without reading breaks the pipe; its exit code says more.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [printed, complaint, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code !== 0)
    throw new Error(`${command} ${words.join(" ")} ended with ${code ?? signal}:\n${complaint}${printed}`);
  return printed;
}

/**
 * Starts a program in its own process group; `end` ends it and everything it started, and so does this process's end.
 */
export function startGroup(command, words, options) {
  const child = spawn(command, words, { ...options, detached: true });
  const end = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // All of it has ended already.
    }
  };
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return { child, end };
}

/** What the suite found in a program that runs `suite-esm.mjs`, `suite-cjs.cjs` or a bundle of them. */
export async function suiteIn(command, words, options) {
  return JSON.parse(await run(command, words, { input: JSON.stringify(vectors), ...options }));
}

/** Runs the bundlers' consumer unbundled, which imports every entry; the runtime's arguments come before it. */
export async function consumerIn(command, words, options) {
  assert.equal((await run(command, [...words, script("../bundlers/main.mjs")], options)).trim(), EXPECTED, command);
}

/** A script next to this file. */
export function script(name) {
  return join(import.meta.dirname, name);
}

/** The script behind a package's command. */
export function commandOf(name) {
  const { folder, bin } = manifest(name);
  return join(folder, typeof bin === "string" ? bin : Object.values(bin)[0]);
}

/** A package's package.json, which its `exports` may hide from `require.resolve`, and its folder. */
export function manifest(name) {
  for (const path of require.resolve.paths(name)) {
    const folder = join(path, name);
    const file = join(folder, "package.json");
    if (existsSync(file)) return { ...JSON.parse(readFileSync(file, "utf8")), folder };
  }
  throw new Error(`${name} is not installed: run cargo xtask setup`);
}
