// `npx dealix-webhooks` outside a project fetches the package of that name: it is ours, and only points to the right
// one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const placeholder = join(import.meta.dirname, "../../pkg-placeholder");
const SECRET = "whsec_placeholder";

/** Runs npm in an empty project, without a registry. */
async function withProject(packages, use) {
  const folder = mkdtempSync(join(tmpdir(), "dealix-npx-"));
  try {
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    const env = { ...process.env, DEALIX_WEBHOOK_SECRET: SECRET };
    const npm = (...words) =>
      run("npm", words, { cwd: folder, env }).then(
        ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
        (failure) => failure,
      );
    const { stdout } = await npm("pack", "--json", "--pack-destination", folder, placeholder);
    const tarball = join(folder, JSON.parse(stdout)[0].filename);
    await npm("install", "--offline", "--no-audit", "--no-fund", ...packages(tarball));
    await use(npm);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("placeholder: it holds a pointer and nothing else", () => {
  assert.deepEqual(readdirSync(placeholder).sort(), ["README.md", "bin.js", "package.json"]);
  const manifest = JSON.parse(readFileSync(join(placeholder, "package.json"), "utf8"));
  assert.equal(manifest.name, "dealix-webhooks");
  for (const field of ["scripts", "dependencies", "optionalDependencies", "main", "exports"])
    assert.equal(manifest[field], undefined, field);
  assert.doesNotMatch(readFileSync(join(placeholder, "bin.js"), "utf8"), /process\.env|argv|stdin|\bimport\b|require/);
});

test("placeholder: npx runs it, and it names the command and fails", { timeout: 60_000 }, () =>
  withProject(
    (tarball) => [tarball],
    async (npm) => {
      const { code, stdout, stderr } = await npm(
        "exec",
        "--offline",
        "--",
        "dealix-webhooks",
        "send",
        "--to",
        "http://localhost:1",
        SECRET,
      );
      assert.ok(code > 0, `${code}`);
      assert.equal(stdout, "");
      assert.match(stderr, /its command is: npx @dealix\/webhooks$/m);
      assert.ok(!stderr.includes(SECRET), stderr);
    },
  ),
);

test("placeholder: npx @dealix/webhooks runs the package's own command", { timeout: 60_000 }, () =>
  withProject(
    () => [process.env.DEALIX_TARBALL],
    async (npm) => {
      const { code, stdout, stderr } = await npm(
        "exec",
        "--offline",
        "--",
        "@dealix/webhooks",
        "sign",
        "--body",
        "x",
        "--timestamp",
        "5",
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^t=5,v1=[0-9a-f]{64}\n$/);
    },
  ),
);

test("placeholder: nothing we ship tells anybody to type the unscoped name", () => {
  const root = join(import.meta.dirname, "../..");
  const installed = join(root, "node_modules/@dealix/webhooks");
  const dist = readdirSync(join(installed, "dist")).filter((name) => /\.c?js$/.test(name));
  for (const file of [
    join(root, "README.md"),
    join(root, "docs/sender.md"),
    join(installed, "README.md"),
    ...dist.map((name) => join(installed, "dist", name)),
  ]) {
    assert.doesNotMatch(
      readFileSync(file, "utf8"),
      /npx dealix|dealix-webhooks (send|listen|sign|verify|explain)/,
      file,
    );
  }
});
