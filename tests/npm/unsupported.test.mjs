// Runtimes that the package cannot start in: each error names the fix, and the fixes work.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import vm from "node:vm";
import { build } from "esbuild";
import { withFolder } from "./runtimes/folder.mjs";
import { program, run } from "./runtimes/process.mjs";

const LIMIT = { timeout: 60_000 };
const CONSUMER = join(import.meta.dirname, "../..");
const TRY = `
  try { console.log(new Webhook("whsec_test").sign("{}", 1)); }
  catch ({ code, message }) { console.log(code, message); }
`;
const IMPORTED = `import { Webhook } from "@dealix/webhooks"; ${TRY}`;
const SIGNED = /^t=1,v1=[0-9a-f]{64}\n$/;

/** What a shell command prints; `node` is the Node of that version. */
function shell(major, words) {
  return run("sh", ["-c", words.replaceAll("node ", `"$NODE" `)], {
    cwd: CONSUMER,
    env: { ...process.env, NODE: program(`node-${major}/bin/node`), APP: IMPORTED },
  });
}

for (const major of [20, 22, 24, 26]) {
  test(`node ${major} --jitless`, LIMIT, async () => {
    const printed = await shell(major, 'node --no-warnings --jitless --input-type=module -e "$APP"');
    assert.match(printed, /^unsupported_runtime This runtime has no WebAssembly\. Start Node without --jitless/);
  });

  test(`node ${major} in 4 GB of address space, as shared hosts limit it`, LIMIT, async () => {
    const inLittleSpace = (flags) => shell(major, `ulimit -v 4000000; node ${flags} --input-type=module -e "$APP"`);
    const printed = await inLittleSpace("");
    // Newer ones go without the guard regions by themselves.
    if (!SIGNED.test(printed)) assert.match(printed, /^unsupported_runtime .* --disable-wasm-trap-handler/);
    assert.match(await inLittleSpace("--disable-wasm-trap-handler"), SIGNED);
  });

  test(`node ${major}: a start-up snapshot that holds the package`, LIMIT, () =>
    withFolder(async (folder) => {
      const contents = `const { Webhook } = require("@dealix/webhooks"); require("v8").startupSnapshot.setDeserializeMainFunction(() => { ${TRY} });`;
      const app = join(folder, "app.cjs");
      await build({
        stdin: { contents, resolveDir: CONSUMER },
        bundle: true,
        platform: "node",
        outfile: app,
        logLevel: "error",
      });
      const node = program(`node-${major}/bin/node`);
      const blob = ["--snapshot-blob", join(folder, "snapshot.blob")];
      await run(node, [...blob, "--build-snapshot", app]);
      assert.match(await run(node, ["--no-warnings", ...blob, "main"]), SIGNED);
    }),
  );
}

for (const [what, globals, options, seen, cure] of [
  [
    "React Native's Hermes",
    { WebAssembly: undefined, HermesInternal: {} },
    {},
    /no WebAssembly/,
    /on your server: an app must not hold the secret/,
  ],
  [
    "React Native with the codecs alone",
    { WebAssembly: undefined, navigator: { product: "ReactNative" } },
    {},
    /no WebAssembly/,
    /on your server/,
  ],
  [
    "an engine without WebAssembly",
    { WebAssembly: undefined },
    {},
    /no WebAssembly/,
    /on a server, or in a runtime that has it/,
  ],
  ["an engine without a TextEncoder", { TextEncoder: undefined }, {}, /no TextEncoder/, /`node:util`/],
  ["an engine without a TextDecoder", { TextDecoder: undefined }, {}, /no TextDecoder/, /`node:util`/],
  [
    "jsdom",
    {
      TextEncoder: undefined,
      navigator: { userAgent: "Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/26.1.0" },
    },
    {},
    /no TextEncoder/,
    /testEnvironment/,
  ],
  [
    "a host that forbids compilation, as Workers do",
    {},
    { codeGeneration: { strings: true, wasm: false } },
    /embedder/,
    /`workerd` or `edge-light` condition\./,
  ],
]) {
  test(`unsupported_runtime: ${what}`, () => {
    const { code, message } = inContext(globals, options);
    assert.equal(code, "unsupported_runtime");
    assert.match(message, seen);
    assert.match(message, cure);
  });
}

/** The error of the CommonJS build in a new context, without the globals that `globals` removes. */
function inContext(globals, options) {
  const context = vm.createContext({ TextEncoder, TextDecoder }, options);
  for (const [name, value] of Object.entries(globals)) context[name] = value;
  const file = createRequire(import.meta.url).resolve("@dealix/webhooks");
  const load = vm.runInContext(
    `(file, read) => {
    const require = (name) => load(read(name));
    function load(code) {
      const module = { exports: {} };
      new Function("module", "exports", "require", code)(module, module.exports, require);
      return module.exports;
    }
    try { new (require(file).Webhook)("whsec_test"); } catch (error) { return error; }
  }`,
    context,
  );
  return load(file, (name) => readFileSync(join(file, "..", name.split("/").at(-1)), "utf8"));
}
