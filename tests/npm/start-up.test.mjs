// A mistake that ends the process at start-up: what Node prints points to the user's line, and shows no minified code.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { program } from "./runtimes/process.mjs";

const folder = mkdtempSync(join(import.meta.dirname, "start-up-"));
after(() => rmSync(folder, { recursive: true }));

const SECRET = "whsec_start_up";
const entries = {
  "": ["Webhook", "verifySignature", "signPayload", "fetchHandler"],
  "/node": ["nodeHandler", "lambdaHandler"],
  "/replay": ["ReplayGuard", "memoryStore", "redisStore", "postgresStore", "kvStore", "durableObjectStore"],
};

/** Mistakes at start-up, by the line that a user would write. */
const mistakes = [
  'new Webhook("");',
  'new Webhook("undefined");',
  'new Webhook("x", { maxAge: 5 });',
  "new (class Mine extends Webhook {})(undefined);",
  'verifySignature({ secret: "", signatureHeader: "", body: "" });',
  'signPayload({ secret: "x", body: "", timestamp: -1 });',
  'fetchHandler({ secret: "x" });',
  'fetchHandler({ secret: "", onEvent() {} });',
  'nodeHandler({ secret: "x" });',
  'nodeHandler({ secret: "", onEvent() {} });',
  'lambdaHandler({ secret: "", onEvent() {} });',
  "new ReplayGuard({});",
  "memoryStore({ maxEntries: 0 });",
  "redisStore({});",
  'postgresStore({ query() {} }, { table: "a b" });',
  "kvStore(undefined);",
  "durableObjectStore({});",
];

function stderrOf(node, name, lines) {
  const file = join(folder, name);
  writeFileSync(file, lines.join("\n"));
  const { status, stderr } = spawnSync(node, [file], { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } });
  return { file, status, stderr };
}

const imports = (load) =>
  Object.entries(entries).map(([entry, names]) => load(names.join(", "), `@dealix/webhooks${entry}`));

for (const major of [20, 22, 24, 26]) {
  const node = program(`node-${major}/bin/node`);
  for (const [format, load] of [
    ["mjs", (names, from) => `import { ${names} } from "${from}";`],
    ["cjs", (names, from) => `const { ${names} } = require("${from}");`],
  ]) {
    test(`node ${major}, ${format}: the line of the caller is shown`, { timeout: 60_000 }, () => {
      for (const mistake of mistakes) {
        const head = imports(load);
        const { file, status, stderr } = stderrOf(node, `receiver.${format}`, [...head, "", `  ${mistake} // here`]);
        const [place, line] = stderr.split("\n");
        assert.equal(status, 1, stderr);
        // For an error thrown in CommonJS code Node shows the line of the `throw`, wherever the stack begins: that line
        // is readable.
        if (format === "mjs") assert.ok(place.endsWith(`${file}:${head.length + 2}`), stderr);
        assert.equal(line.trim(), format === "mjs" ? `${mistake} // here` : "throw error;", stderr);
        assert.match(stderr, /Webhook\w+Error: .* See https:/);
        const frames = stderr.split("\n").filter((frame) => frame.startsWith("    at "));
        assert.ok(frames[0].includes(`${file}:${head.length + 2}:`), stderr);
        assert.ok(!frames.join().includes("dist"), stderr);
      }
    });
  }
}

test("an engine without Error.captureStackTrace throws the same error", () => {
  const lines = [
    'import { Webhook } from "@dealix/webhooks";',
    "delete Error.captureStackTrace;",
    'try { new Webhook(""); } catch (error) { console.error(error.name, error.code); }',
  ];
  assert.equal(stderrOf(process.execPath, "without.mjs", lines).stderr, "WebhookConfigurationError empty_secret\n");
});

test("a wrapped secret: one line per process, without the secret", () => {
  const lines = (around) => [
    'import { Webhook, verifySignature, signPayload } from "@dealix/webhooks";',
    'import { nodeHandler } from "@dealix/webhooks/node";',
    `const [secret, around] = ["${SECRET}", "${around}"];`,
    "for (let count = 0; count < 3; count += 1) new Webhook([secret, secret + around]);",
    "nodeHandler({ secret: around + secret, onEvent() {} });",
    'for (let count = 0; count < 100; count += 1) verifySignature({ secret: [secret + around], signatureHeader: "", body: "" });',
    'for (let count = 0; count < 100; count += 1) signPayload({ secret: secret + around + count + around, body: "" });',
  ];
  for (const around of ["\\n", " ", '\\"', "'", "\\u00a0", "\\u200b", "\\r\\n"]) {
    const { status, stderr } = stderrOf(process.execPath, "wrapped.mjs", lines(around));
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^@dealix\/webhooks: Secret 2 of 2 begins or ends with white space or a quote[^\n]*\n$/);
    assert.ok(!stderr.includes(SECRET), stderr);
  }
  assert.equal(stderrOf(process.execPath, "clean.mjs", lines("")).stderr, "");
  const silent = ['import { Webhook } from "@dealix/webhooks";', "delete globalThis.console;", 'new Webhook("x\\n");'];
  assert.equal(stderrOf(process.execPath, "silent.mjs", silent).status, 0);
});
