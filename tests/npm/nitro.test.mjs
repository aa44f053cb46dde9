// The example for Nitro 3 with h3 2: built without the secret, and started with it on each kind of host.
import { join } from "node:path";
import { before, test } from "node:test";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { record } from "./runtimes/matrix.mjs";
import {
  NETLIFY,
  assertFails,
  checkReceiver,
  compatibilityFlags,
  compile,
  deno,
  withBuilt,
  withWorker,
} from "./runtimes/nitro.mjs";
import { node } from "./runtimes/project-server.mjs";
import { buildProject, versionIn } from "./runtimes/project.mjs";

const timeout = 120_000;
const nitro = [node, "node_modules/nitro/dist/cli/index.mjs", "build"];

const files = {
  "server/routes/webhooks/event.ts": mistake("(event) => receive(event)"),
  "server/routes/webhooks/after.ts": mistake("async (event) => (await readBody(event), receive(event.req))"),
  "server/routes/webhooks/parsed.ts": mistake(
    "async (event) => webhook.verify(await readBody(event), event.req.headers)",
  ),
  "netlify.mjs": NETLIFY,
};
const build = ["cloudflare_module", "deno_server", "netlify_edge", "node_server"].flatMap((preset) => [
  [...nitro, "--preset", preset],
  ["mv", ".output", preset],
]);
const server = [node, "node_server/server/index.mjs"];
const worker = "cloudflare_module/server";

let folder;
before(async () => (folder = await buildProject("nitro", { files, build })), { timeout: 600_000 });

test("nitro 3: built without the secret, started with it", { timeout }, () =>
  withBuilt(folder, server, async (url, log) => {
    const seen = await assertFails(`${url}event`, log, /h3 2 pass `event\.req`/);
    recordFramework("Nitro", {
      version: versionIn(folder, "nitro"),
      example: "nitro/server/routes/webhooks/dealix.ts",
      builds: "`nitro build`, `node` and workerd",
      mistake: "h3's event instead of the request",
      says: "pass `event.req`",
      seen,
    });
    await assertFails(`${url}after`, log, /Verify before anything else reads it, and use the event that this returns/);
    await assertFails(
      `${url}parsed`,
      log,
      /The body is an object, .*`await request\.text\(\)`, not `request\.json\(\)`/,
    );
    // The last, since this host resets the connection after a body that is too long.
    await checkReceiver(`${url}dealix`);
  }),
);

test("nitro 3: an unset secret gives each delivery 500, and the log says why", { timeout }, async () => {
  const isRefused = (url, log) => assertFails(`${url}dealix`, log, /empty_secret/);
  await withBuilt(folder, server, isRefused, "");
  await withWorker(join(folder, worker), compatibilityFlags(join(folder, worker)), isRefused, "");
});

test("nitro 3: the example compiles under `strict`", { timeout }, () => compile(folder, "."));

test("nitro 3: `cloudflare_module` in workerd, with no setting", { timeout }, () =>
  withWorker(join(folder, worker), compatibilityFlags(join(folder, worker)), (url) => checkReceiver(`${url}dealix`)),
);

test("nitro 3: `deno_server` and `netlify_edge` in Deno, with no setting", { timeout }, async () => {
  await withBuilt(folder, [...deno, "deno_server/server/index.mjs"], (url) => checkReceiver(`${url}dealix`));
  await withBuilt(folder, [...deno, "netlify.mjs"], (url) => checkReceiver(`${url}dealix`));
  const version = versionIn(folder, "nitro");
  const what = `built and ran the example with h3 ${versionIn(folder, "h3")}: Node, workerd, Deno, Netlify's edge (in Deno)`;
  record("Nitro", version, what);
});

/** A route for h3's event, which TypeScript does not check. */
function mistake(handler) {
  return `// @ts-nocheck
import { fetchHandler, Webhook } from "@dealix/webhooks";
import { defineHandler } from "nitro";
import { readBody } from "nitro/h3";
const receive = fetchHandler({ onEvent() {} });
const webhook = new Webhook("whsec_examples");
export default defineHandler(${handler});
`;
}
