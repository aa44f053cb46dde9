// The packed package, as npm, bundlers and readers see it. DEALIX_TARBALL is the tarball's path.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { commandOf } from "./runtimes/process.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const installed = join(import.meta.dirname, "../../node_modules/@dealix/webhooks");
const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
const { DEALIX_TARBALL: tarball } = process.env;

test("publint finds nothing", async () => {
  const { stdout } = await run("node", [commandOf("publint"), tarball, "--strict"]);
  assert.match(stdout, /All good/);
});

test("attw finds nothing, for every way to resolve", async () => {
  const { stdout } = await run("node", [
    commandOf("@arethetypeswrong/cli"),
    tarball,
    "--no-color",
    "--no-emoji",
    "--format",
    "ascii",
  ]);
  assert.match(stdout, /No problems found/);
});

test("npm publish --dry-run warns about nothing", async () => {
  // Packs and checks the manifest without the network. Being logged out is the one thing it may complain about.
  const { stderr } = await run("npm", ["publish", "--dry-run", "--offline", "--access", "public", tarball], {
    cwd: tmpdir(),
  });
  const warnings = stderr.split("\n").filter((line) => /^npm (warn|error)/i.test(line));
  assert.deepEqual(
    warnings.filter((line) => !line.includes("requires you to be logged in")),
    [],
  );
});

test("the manifest leads to the repository, or to none", () => {
  const { repository, homepage, bugs, keywords } = manifest;
  assert.ok(keywords.includes("webhook"), keywords.join());
  if (repository === undefined) return assert.deepEqual([homepage, bugs], [undefined, undefined]);
  const url = /^git\+(https:\/\/.*)\.git$/.exec(repository.url)[1];
  assert.equal(homepage, `${url}#readme`);
  assert.equal(bugs, `${url}/issues`);
});

test("the package has no dependency, both licences and a README", () => {
  for (const field of ["dependencies", "peerDependencies", "optionalDependencies", "scripts"])
    assert.equal(manifest[field], undefined, field);
  for (const file of ["README.md", "LICENSE-MIT", "LICENSE-APACHE"])
    assert.ok(readFileSync(join(installed, file), "utf8").length > 500, file);
});

test("every error code has its section in the README", () => {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  const types = readFileSync(join(installed, "dist/errors.d.cts"), "utf8");
  const codes = types
    .split("\n")
    .filter((line) => line.startsWith("export type"))
    .flatMap((line) => Array.from(line.matchAll(/"(\w+)"/g), ([, code]) => code));
  assert.ok(codes.length >= 14, codes.join());
  for (const code of codes) assert.match(readme, new RegExp(`^#+ \`${code}\`$`, "m"));
});

test("an error is one class, whichever entry threw it", async () => {
  for (const load of [(name) => import(name), async (name) => require(name)]) {
    const { WebhookUsageError } = await load("@dealix/webhooks");
    const { serializeEnvelope } = await load("@dealix/webhooks/testing");
    assert.throws(() => serializeEnvelope({}), WebhookUsageError);
  }
});

test("an error keeps its name, frozen or minified", async () => {
  const script = `import { Webhook } from "@dealix/webhooks"; Object.freeze(Error.prototype); try { new Webhook(""); } catch (e) { console.log(e.name, e.code); }`;
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  for (const code of [script, outputFiles[0].text]) {
    const { stdout } = await run("node", ["--input-type=module", "--eval", code], { cwd: import.meta.dirname });
    assert.equal(stdout, "WebhookConfigurationError empty_secret\n");
  }
});
