// The example for Nuxt 4, whose server is Nitro 2 with h3 1: built without the secret, and started with it on each kind
// of host.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { record } from "./runtimes/matrix.mjs";
import { NETLIFY, assertFails, checkReceiver, compile, deno, withBuilt, withWorker } from "./runtimes/nitro.mjs";
import { node } from "./runtimes/project-server.mjs";
import { run } from "./runtimes/process.mjs";
import { buildProject, versionIn } from "./runtimes/project.mjs";
import { genuine } from "./runtimes/receiver.mjs";

const timeout = 120_000;
const nuxt = [node, "node_modules/nuxt/bin/nuxt.mjs", "build"];
// Nuxt's own builds for these hosts contain the same server, and take several times as long.
const nitro = [node, "node_modules/nitropack/dist/cli/index.mjs", "build"];

const files = {
  "server/routes/webhooks/event.ts": mistake("(event) => receive(event)"),
  "server/routes/webhooks/parsed.ts": mistake("async (event) => webhook.verify(await readBody(event), event.headers)"),
  "server/routes/webhooks/after.ts": mistake("async (event) => (await readBody(event), receive(toWebRequest(event)))"),
  "nitro.config.ts":
    'export default { compatibilityDate: "2026-04-01", srcDir: "server", experimental: { wasm: true } };\n',
  "without-wasm/nitro.config.ts": `export default { compatibilityDate: "2026-04-01", srcDir: "../server" };\n`,
  "netlify.mjs": NETLIFY,
  "vercel.mjs": `import { createServer } from "node:http";
import handler from "./.vercel/output/functions/__fallback.func/index.mjs";
createServer(handler).listen(process.env.PORT, () => console.log("listening"));
`,
};
const build = [
  [...nuxt, "--preset", "cloudflare_module"],
  ["mv", ".output", "cloudflare"],
  [...nuxt, "--preset", "node_server"],
  ["mv", ".output", "node"],
  [...nitro, "--preset", "vercel_edge"],
  ["mv", ".vercel", "vercel_edge"],
  [...nitro, "--preset", "vercel"],
  [...nitro, "--preset", "netlify_edge"],
  [...nitro, "--preset", "deno_server"],
  ["mv", ".output", "deno"],
];
const server = [node, "node/server/index.mjs"];
const worker = "cloudflare/server";

let folder;
before(async () => (folder = await buildProject("nuxt", { files, build, env: { NUXT_TELEMETRY_DISABLED: "1" } })), {
  timeout: 600_000,
});

test("nuxt: built without the secret, started with it", { timeout }, () =>
  withBuilt(folder, server, async (url, log) => {
    const seen = await assertFails(
      `${url}event`,
      log,
      /h3 1 \(Nuxt, Nitro 2\) use `fromWebHandler\(handler\)`, or pass `toWebRequest\(event\)`/,
    );
    recordFramework("Nuxt", {
      version: versionIn(folder, "nuxt"),
      example: "nuxt/server/routes/webhooks/dealix.ts",
      builds: "`nuxt build`, `node` and workerd",
      mistake: "h3's event instead of the request",
      says: "use `fromWebHandler(handler)`",
      seen,
    });
    await assertFails(`${url}parsed`, log, /Nuxt: `readRawBody\(event\)`/);
    await checkReceiver(`${url}dealix`);
  }),
);

test("nuxt: `readBody` before does no harm, since h3 1 keeps the bytes", { timeout }, () =>
  withBuilt(folder, server, async (url) => assert.equal((await fetch(genuine(`${url}after`))).status, 204)),
);

test("nuxt: an unset secret gives each delivery 500, and the log says why", { timeout }, async () => {
  const isRefused = (url, log) => assertFails(`${url}dealix`, log, /empty_secret/);
  await withBuilt(folder, server, isRefused, "");
  await withWorker(join(folder, worker), [], isRefused, "");
});

test("nuxt: the example compiles under `strict`", { timeout }, () => compile(folder, ".nuxt/tsconfig.server.json"));

test("nuxt: `cloudflare_module` in workerd", { timeout }, async () => {
  for (const flags of [[], ["nodejs_compat"]])
    await withWorker(join(folder, worker), flags, (url) => checkReceiver(`${url}dealix`));
});

test("nitro 2: without `experimental.wasm` the build for Cloudflare fails", { timeout }, async () => {
  const [command, ...words] = nitro;
  const building = run(command, [...words, "without-wasm", "--preset", "cloudflare_module"], { cwd: folder });
  await assert.rejects(building, /receiver\.wasm.*Unexpected character/);
});

test("nitro 2: `vercel` works, and `vercel_edge` compiles bytes", { timeout }, async () => {
  const edge = readFileSync(join(folder, "vercel_edge/output/functions/__fallback.func/index.mjs"), "utf8");
  // Vercel's edge refuses that.
  assert.match(edge, /new WebAssembly\.Module/);
  assert.match(edge, /AGFzbQ/, "the bytes of a wasm module, in base64");
  await withBuilt(folder, [node, "vercel.mjs"], (url) => checkReceiver(`${url}dealix`));
});

test("nitro 2: `deno_server` and `netlify_edge` in Deno", { timeout }, async () => {
  await withBuilt(folder, [...deno, "deno/server/index.mjs"], (url) => checkReceiver(`${url}dealix`));
  await withBuilt(folder, [...deno, "netlify.mjs"], (url) => checkReceiver(`${url}dealix`));
  record(
    "Nuxt",
    versionIn(folder, "nuxt"),
    `built and ran the example on Nitro ${versionIn(folder, "nitropack")}: Node, workerd, Deno, Netlify's edge (in Deno), Vercel's functions (in Node)`,
  );
});

/** A route for h3's event, which TypeScript does not check. */
function mistake(handler) {
  return `// @ts-nocheck
import { fetchHandler, Webhook } from "@dealix/webhooks";
const receive = fetchHandler({ onEvent() {} });
const webhook = new Webhook("whsec_examples");
export default defineEventHandler(${handler});
`;
}
