// The example for Firebase. `firebase deploy` loads the functions' code without the secret, with the program that is run here,
// and Google's framework serves it, as in production.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import example from "../../examples/firebase/package.json" with { type: "json" };
import { assertCleanCard } from "./check/card.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { run } from "./runtimes/process.mjs";
import { buildProject } from "./runtimes/project.mjs";
import { node, withServer } from "./runtimes/project-server.mjs";
import { SECRET, checkAnswers, genuine } from "./runtimes/receiver.mjs";
import { freePort } from "./support/free-port.mjs";

const timeout = 120_000;

const files = {
  "src/parsed.ts": `
    import { Webhook } from "@dealix/webhooks";
    import { onRequest } from "firebase-functions/https";

    export const parsed = onRequest({ secrets: ["DEALIX_WEBHOOK_SECRET"] }, (request, response) => {
      const webhook = new Webhook(process.env.DEALIX_WEBHOOK_SECRET);
      response.json(webhook.verify(request.body, request.headers));
    });`,
  "eager/index.js": `
    import { nodeHandler } from "@dealix/webhooks/node";
    import { onRequest } from "firebase-functions/https";

    const secret = process.env.DEALIX_WEBHOOK_SECRET;
    export const eager = onRequest({ secrets: ["DEALIX_WEBHOOK_SECRET"] }, nodeHandler({ secret, onEvent() {} }));`,
};
const build = [[node, "node_modules/typescript/lib/tsc.js"]];

test("firebase: deployed without the secret, started with it", { timeout }, async () => {
  const { endpoints, requiredAPIs } = await deploy(await project());
  assert.ok(requiredAPIs);
  assert.deepEqual(Object.keys(endpoints), ["dealix"]);
  assert.deepEqual(endpoints.dealix.secretEnvironmentVariables, [{ key: "DEALIX_WEBHOOK_SECRET" }]);
  await served("lib/index.js", "dealix", {}, async (url) => {
    // The framework parses the body before it calls the function, and refuses what is not JSON.
    await checkAnswers(url, { "2 MB": 400 });
    await assertCleanCard(url, SECRET);
  });
});

test("firebase: `secret` read too early stops the deployment with advice", { timeout }, async () =>
  assert.rejects(
    deploy(join(await project(), "eager")),
    /empty_secret[^]*`secret: \(\) => process\.env\.DEALIX_WEBHOOK_SECRET`/,
  ),
);

test("firebase: `req.body` instead of `req.rawBody`, and the log names it", { timeout }, () =>
  served("lib/parsed.js", "parsed", {}, async (url, logged) => {
    assert.equal((await fetch(genuine(url))).status, 500);
    await logged(/body_parsed/);
    recordFramework("Firebase functions", {
      version: example.dependencies["firebase-functions"],
      example: "firebase/src/index.ts",
      builds: "`tsc`, the deployment's discovery, Google's framework",
      oversized: 400,
      mistake: "`req.body` in place of `req.rawBody`",
      says: "Google Cloud, Firebase: `req.rawBody`",
      seen: await logged(/Firebase: `req\.rawBody`/),
    });
  }),
);

test("firebase: without the secret every delivery gets 500, and the log says why", { timeout }, () =>
  served("lib/index.js", "dealix", { DEALIX_WEBHOOK_SECRET: "" }, async (url, logged) => {
    assert.equal((await fetch(genuine(url))).status, 500);
    await logged(/empty_secret/);
  }),
);

const project = () => buildProject("firebase", { files, build });

/** What `firebase deploy` finds in the code, for which it starts this program. */
async function deploy(cwd) {
  const discovery = join(await project(), "node_modules/firebase-functions/lib/bin/firebase-functions.js");
  return withFolder(async (folder) => {
    const FUNCTIONS_MANIFEST_OUTPUT_PATH = join(folder, "manifest.json");
    const env = { ...process.env, FUNCTIONS_MANIFEST_OUTPUT_PATH, GCLOUD_PROJECT: "demo" };
    delete env.DEALIX_WEBHOOK_SECRET;
    await run(node, [discovery], { cwd, env });
    return JSON.parse(readFileSync(FUNCTIONS_MANIFEST_OUTPUT_PATH, "utf8"));
  });
}

async function served(source, target, others, run) {
  const framework = "node_modules/@google-cloud/functions-framework/build/src/main.js";
  const words = [framework, `--source=${source}`, `--target=${target}`];
  await withServer(await project(), words, run, { env: { PORT: String(await freePort()), ...others } });
}
