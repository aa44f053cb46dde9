// The example for Nitro 3 in a nightly build of Nuxt 5, whose server that is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { record } from "./runtimes/matrix.mjs";
import { assertFails, checkReceiver, compatibilityFlags, withBuilt, withWorker } from "./runtimes/nitro.mjs";
import { node } from "./runtimes/project-server.mjs";
import { buildProject, versionIn } from "./runtimes/project.mjs";
import { examples } from "./runtimes/receiver.mjs";

const timeout = 120_000;
const route = "server/routes/webhooks/dealix.ts";
const files = {
  [route]: readFileSync(join(examples, "nitro", route), "utf8"),
  "nuxt.config.ts": 'export default defineNuxtConfig({ compatibilityDate: "2026-04-01" });\n',
};
const build = ["cloudflare_module", "node_server"].flatMap((preset) => [
  [node, "node_modules/nuxt/bin/nuxt.mjs", "build", "--preset", preset],
  ["mv", ".output", preset],
]);
const server = [node, "node_server/server/index.mjs"];

let folder;
before(async () => (folder = await buildProject("nuxt-5", { files, build, env: { NUXT_TELEMETRY_DISABLED: "1" } })), {
  timeout: 300_000,
});

test("nuxt 5: built without the secret, started with it", { timeout }, () =>
  withBuilt(folder, server, (url) => checkReceiver(`${url}dealix`)),
);

test("nuxt 5: an unset secret gives each delivery 500, and the log says why", { timeout }, () =>
  withBuilt(folder, server, (url, log) => assertFails(`${url}dealix`, log, /empty_secret/), ""),
);

test("nuxt 5: `cloudflare_module` in workerd, with no setting", { timeout }, async () => {
  const worker = join(folder, "cloudflare_module/server");
  await withWorker(worker, compatibilityFlags(worker), (url) => checkReceiver(`${url}dealix`));
  const what = `built and ran Nitro's example on Nitro ${versionIn(folder, "nitro")}: Node, workerd`;
  record("Nuxt nightly", versionIn(folder, "nuxt"), what);
});
