// docs/vectors.md and the file it publishes: what the page shows runs unchanged, and the vectors catch what they should.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { verifySignature } from "@dealix/webhooks";
import { withFolder } from "./runtimes/folder.mjs";
import { run } from "./runtimes/process.mjs";
import { MISTAKES } from "./vectors/mistakes.mjs";
import { FILE, text } from "./vectors/publish.mjs";

const { Ajv2020 } = createRequire(import.meta.url)("ajv/dist/2020.js");
const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/vectors.md"), "utf8");
const published = JSON.parse(readFileSync(FILE, "utf8"));
const { count, vectors } = published;
const LIMIT = { timeout: 120_000 };

/** The page's code block in a language. */
function block(language) {
  const [, code] = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(page);
  return code;
}

/** Saves a program beside the vectors, as the page says, and runs it. */
function runBeside(name, code, command) {
  return withFolder(async (folder) => {
    mkdirSync(join(folder, "node_modules/@dealix"), { recursive: true });
    symlinkSync(join(root, "node_modules/@dealix/webhooks"), join(folder, "node_modules/@dealix/webhooks"));
    copyFileSync(FILE, join(folder, "signature-1.json"));
    writeFileSync(join(folder, name), code);
    return await run(command, [name], { cwd: folder, env: { PATH: process.env.PATH } });
  });
}

test("vectors: the published file is what publish.mjs writes", () => {
  assert.equal(readFileSync(FILE, "utf8"), text(), "run `node tests/npm/vectors/publish.mjs`");
  assert.match(page, new RegExp(`, ${count} deliveries`));
  assert.equal(vectors.length, count);
  assert.equal(new Set(vectors.map(({ id }) => id)).size, count);
});

test("vectors: the package gives each verdict, and the secret's index", () => {
  for (const vector of vectors) {
    const { secrets: secret, header: signatureHeader, now, max_age_seconds: maxAgeSeconds } = vector;
    const bytes = Buffer.from(vector.body_base64, "base64");
    for (const body of [bytes, vector.body ?? bytes]) {
      const verdict = verifySignature({ secret, signatureHeader, body, now, maxAgeSeconds });
      const { valid, error, secretIndex } = verdict;
      assert.deepEqual(
        [valid, error ?? null, secretIndex ?? null],
        [vector.valid, vector.code, vector.secret_index],
        vector.id,
      );
    }
  }
});

test("vectors: the file is what its JSON Schema describes", () => {
  const schema = JSON.parse(readFileSync(FILE.replace(".json", ".schema.json"), "utf8"));
  const isValid = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);
  assert.ok(isValid(published), JSON.stringify(isValid.errors));
  const wrong = { ...vectors[0], valid: true, code: "stale_signature" };
  assert.ok(!isValid({ ...published, vectors: [wrong] }), "a verdict that contradicts itself");
});

test("vectors: the page's Python passes them unchanged", LIMIT, async () => {
  assert.equal(await runBeside("vectors.py", block("python"), "python3"), "passed\n");
});

test("vectors: the page's JavaScript passes them unchanged", LIMIT, async () => {
  assert.equal(await runBeside("vectors.mjs", block("js"), "node"), "passed\n");
});

for (const [mistake, [right, wrong]] of Object.entries(MISTAKES)) {
  test(`vectors: they catch ${mistake}`, LIMIT, async () => {
    const code = block("python");
    assert.ok(code.includes(right), `the page's Python holds no ${right}`);
    await assert.rejects(
      runBeside("vectors.py", code.replace(right, wrong), "python3"),
      /AssertionError: (own|verify)-/,
    );
  });
}
