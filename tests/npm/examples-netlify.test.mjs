// The example for Netlify's functions: built by `netlify build` without the secret, and served by `netlify functions:serve`,
// neither of which needs an account.
import assert from "node:assert/strict";
import { test } from "node:test";
import example from "../../examples/netlify/package.json" with { type: "json" };
import { assertCleanCard } from "./check/card.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { buildProject } from "./runtimes/project.mjs";
import { node, withServer } from "./runtimes/project-server.mjs";
import { SECRET, checkAnswers, genuine } from "./runtimes/receiver.mjs";
import { freePort } from "./support/free-port.mjs";

const timeout = 120_000;
const netlify = "node_modules/netlify-cli/bin/run.js";

const files = {
  "netlify/functions/typed.ts": `
    import { fetchHandler } from "@dealix/webhooks";
    import type { Context } from "@netlify/functions";

    export default fetchHandler<Request>({ onEvent() {} }) satisfies (request: Request, context: Context) => unknown;`,
  "netlify/functions/classic.ts": `
    import { lambdaHandler } from "@dealix/webhooks/node";
    import type { Handler } from "@netlify/functions";

    export const handler: Handler = lambdaHandler({ onEvent() {} });`,
  "netlify/functions/parsed.ts": `
    import { fetchHandler } from "@dealix/webhooks";

    const receive = fetchHandler({ onEvent() {} });
    export default async (request: Request) => {
      await request.json();
      return receive(request);
    };`,
};
const build = [
  [node, "node_modules/typescript/lib/tsc.js"],
  [node, netlify, "build", "--offline"],
];

test("netlify: served as its users do", { timeout }, () =>
  served({}, async (url, logged) => {
    await checkAnswers(`${url}/webhooks/dealix`);
    await assertCleanCard(`${url}/webhooks/dealix`, SECRET);
    for (const name of ["typed", "classic"]) {
      assert.equal((await fetch(genuine(`${url}/.netlify/functions/${name}`))).status, 204, name);
    }
    assert.equal((await fetch(genuine(`${url}/.netlify/functions/parsed`))).status, 500);
    await logged(/body_parsed/);
    recordFramework("Netlify functions", {
      version: example.devDependencies["netlify-cli"],
      example: "netlify/netlify/functions/dealix.ts",
      builds: "`netlify build`, `netlify functions:serve`",
      mistake: "`await request.json()` first",
      says: "Verify before anything else reads it, and use the event that this returns",
      seen: await logged(/use the event that this returns/),
    });
  }),
);

test("netlify: without the secret every delivery gets 500, and the log says why", { timeout }, () =>
  served({ DEALIX_WEBHOOK_SECRET: "" }, async (url, logged) => {
    assert.equal((await fetch(genuine(`${url}/webhooks/dealix`))).status, 500);
    await logged(/empty_secret/);
  }),
);

/** Runs with the address of \`netlify functions:serve\`, and what it has printed. */
async function served(others, run) {
  const env = { NETLIFY_TELEMETRY_DISABLED: "1", DEALIX_WEBHOOK_SECRET: "" };
  const folder = await buildProject("netlify", { files, build, env });
  const port = String(await freePort());
  const words = [netlify, "functions:serve", "--offline", "--port", port];
  const options = { env: { ...env, DEALIX_WEBHOOK_SECRET: SECRET, ...others }, prints: /Loaded function dealix/ };
  await withServer(folder, words, (_, logged) => run(`http://127.0.0.1:${port}`, logged), options);
}
