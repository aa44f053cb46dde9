// A project of its own, as its user would have it: the packages of its framework or bundlers, the packed tarball, its
// files. A build is reused by later runs until something that goes into it changes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { run } from "./process.mjs";
import { examples } from "./receiver.mjs";

const root = process.env.DEALIX_PROJECTS;
const BUILD_LIMIT_MS = 300_000;

/**
 * Makes a project of the example of its name, if there is one, and further `files` by path, and runs its `build`, a list
 * of commands as `[program, ...arguments]`, in it. Returns its folder.
 *
 * Its packages are those of `tests/npm/projects/<name>/package-lock.json`, which `cargo xtask setup` has installed, or
 * the repository's if it has no such file. A project of packages alone has no example.
 */
export function buildProject(name, { files = {}, build = [], env = {} } = {}) {
  assert.ok(root, "DEALIX_PROJECTS is unset: `cargo xtask test` sets it");
  const input = fingerprint(name, files, build, env);
  const key = `${name} ${input}`;
  if (!builds.has(key)) builds.set(key, buildOnce(name, input, { files, build, env }));
  return builds.get(key);
}

/** A test that times out leaves its build running: the next test must wait for that one. */
const builds = new Map();

async function buildOnce(name, input, { files, build, env }) {
  const folder = join(root, name);
  // Among the packages, so that reinstalling them, which removes ours, has the project built again.
  const mark = join(folder, "node_modules/.built");
  if (existsSync(mark) && readFileSync(mark, "utf8") === input) return folder;
  rmSync(mark, { force: true });
  empty(folder);
  for (const path of exampleFiles(name)) cpSync(path, join(folder, relative(join(examples, name), path)));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  installTarball(folder);
  const options = { cwd: folder, timeout: BUILD_LIMIT_MS, env: { ...process.env, CI: "1", ...env } };
  for (const [command, ...words] of build) await run(command, words, options);
  writeFileSync(mark, input);
  return folder;
}

/** The version of a package that a project has installed. */
export function versionIn(folder, name) {
  return JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")).version;
}

/** Everything that a build depends on. */
function fingerprint(name, files, build, env) {
  const hash = createHash("sha256");
  hash.update(readFileSync(process.env.DEALIX_TARBALL));
  for (const path of exampleFiles(name)) {
    hash.update(`\0${relative(examples, path)}\0`).update(readFileSync(path));
  }
  const locks = [join(import.meta.dirname, `../projects/${name}/package-lock.json`), process.env.DEALIX_LOCK];
  for (const lock of locks.filter(existsSync)) hash.update(readFileSync(lock));
  return hash.update(JSON.stringify([files, build, env])).digest("hex");
}

function exampleFiles(name) {
  const folder = join(examples, name);
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Removes what an earlier run left, except the packages. */
function empty(folder) {
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder)) {
    if (entry !== "node_modules") rmSync(join(folder, entry), { recursive: true });
  }
}

function installTarball(folder) {
  const target = join(folder, "node_modules/@dealix/webhooks");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", process.env.DEALIX_TARBALL, "-C", target, "--strip-components=1"]);
}
