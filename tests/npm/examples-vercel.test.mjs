// The example for Vercel's functions. `vercel dev`, which needs no account with `--local`, starts a process for each
// request, so it gets only a few. `vercel build`'s output, in a folder that has only the files which would be deployed, gets
// them all: in the server that `vercel dev` starts for one function, and the shapes of functions that Vercel knows.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import example from "../../examples/vercel/package.json" with { type: "json" };
import { assertCleanCard } from "./check/card.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { buildProject } from "./runtimes/project.mjs";
import { node, withServer } from "./runtimes/project-server.mjs";
import { SECRET, checkAnswers, genuine } from "./runtimes/receiver.mjs";
import { freePort } from "./support/free-port.mjs";

const timeout = 90_000;
const vercel = ["node_modules/vercel/dist/index.js", "--global-config", ".account"];
const env = { VERCEL_TELEMETRY_DISABLED: "1", npm_config_ignore_scripts: "true", DEALIX_WEBHOOK_SECRET: "" };

// `vercel build` runs `npm install`, and no registry has our package.
const dependencies = { ...example.dependencies, "@dealix/webhooks": `file:${process.env.DEALIX_TARBALL}` };

const files = {
  "package.json": JSON.stringify({ ...example, dependencies }),
  // What `vercel link` writes.
  ".vercel/project.json": JSON.stringify({ projectId: "prj_1", orgId: "team_1", settings: { framework: null } }),
  // Node's `(req, res)`, whose `req.body` Vercel parses when it is read.
  "api/webhooks/pair.ts": `
    import { nodeHandler } from "@dealix/webhooks/node";
    import type { VercelRequest, VercelResponse } from "@vercel/node";

    const receive = nodeHandler<VercelRequest>({
      secret: process.env.DEALIX_WEBHOOK_SECRET,
      onEvent: (event, { request }) => console.log(event.type, request.query),
    });

    export default receive satisfies (request: VercelRequest, response: VercelResponse) => unknown;`,
  "api/webhooks/fetching.ts": `
    import { fetchHandler } from "@dealix/webhooks";

    export default { fetch: fetchHandler({ onEvent: ({ type }) => console.log(type) }) };`,
  "api/webhooks/parsed.ts": `
    import { Webhook } from "@dealix/webhooks";
    import type { VercelRequest, VercelResponse } from "@vercel/node";

    const webhook = new Webhook(process.env.DEALIX_WEBHOOK_SECRET);

    export default (request: VercelRequest, response: VercelResponse) =>
      response.json(webhook.verify(request.body, request.headers));`,
  "api/webhooks/unfit.ts": `
    import { fetchHandler } from "@dealix/webhooks";

    export default fetchHandler({ onEvent() {} });`,
};

const build = [
  [node, "node_modules/typescript/lib/tsc.js"],
  [node, ...vercel, "build", "--yes"],
  // `vercel dev` empties this folder, and asks for the account if there is a project.json.
  ["mv", ".vercel/output", "built"],
  ["rm", ".vercel/project.json"],
];

test("vercel: built without the secret, in each shape that a function may have", { timeout }, async () => {
  await built("dealix", async (url) => {
    await checkAnswers(url);
    await assertCleanCard(url, SECRET);
  });
  await built("pair", async (url) => {
    await checkAnswers(url);
    await assertCleanCard(url, SECRET);
  });
  await built("fetching", async (url) => assert.equal((await fetch(genuine(url))).status, 204));
});

test("vercel: without the secret every delivery gets 500, and the log says why", { timeout }, () =>
  served({ DEALIX_WEBHOOK_SECRET: "" }, async (url, logged) => {
    assert.equal((await fetch(genuine(`${url}dealix`))).status, 500);
    await logged(/empty_secret/);
  }),
);

test("vercel: two mistakes under `vercel dev`, and the log says what to do", { timeout }, () =>
  served({}, async (url, logged) => {
    assert.equal((await fetch(genuine(`${url}dealix`))).status, 204);
    assert.equal((await fetch(genuine(`${url}parsed`))).status, 500);
    await logged(/body_parsed/);
    await logged(/Vercel, Next\.js pages\/api: `nodeHandler` or `rawBody`/);
    assert.equal((await fetch(genuine(`${url}unfit`))).status, 500);
    await logged(/not_a_request/);
    recordFramework("Vercel functions", {
      version: example.devDependencies.vercel,
      example: "vercel/api/webhooks/dealix.ts",
      builds: "`vercel build`, `vercel dev`",
      mistake: "`export default fetchHandler(…)`",
      says: "Vercel: `export const POST`, not `export default`",
      seen: await logged(/Vercel: `export const POST`, not `export default`/),
    });
  }),
);

/** Runs with the address of the functions under `vercel dev`, and what it has printed. */
async function served(others, run) {
  const folder = await buildProject("vercel", { files, build, env });
  const command = [node, ...vercel, "dev", "--local", "--yes", "--listen", `127.0.0.1:${await freePort()}`];
  // It prints its address to standard error.
  const words = ["-c", 'exec "$@" 2>&1', "sh", ...command];
  const options = {
    env: { ...env, DEALIX_WEBHOOK_SECRET: SECRET, ...others },
    prints: /(?<=Available at )http:\S+/,
    command: "sh",
  };
  await withServer(folder, words, (url, logged) => run(`${url}/api/webhooks/`, logged), options);
}

/** Runs with the address of a function that `vercel build` has made, and what it has printed. */
async function built(name, run, others = {}) {
  const project = await buildProject("vercel", { files, build, env });
  await withFolder(async (folder) => {
    cpSync(join(project, `built/functions/api/webhooks/${name}.func`), folder, { recursive: true });
    const port = String(await freePort());
    const variables = { VERCEL_DEV_ENTRYPOINT: `api/webhooks/${name}.js`, VERCEL_DEV_PORT: port, ...others };
    const server = join(project, "node_modules/@vercel/node/dist/dev-server.mjs");
    const url = `http://127.0.0.1:${port}/api/webhooks/${name}`;
    await withServer(folder, [server], (_, logged) => run(url, logged), { env: variables, prints: /listening/ });
  });
}
