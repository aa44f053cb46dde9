// The examples for React Router and TanStack Start: built without the secret, compiled under `strict` with the types that
// their own tools generate, and started with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import reactRouter from "../../examples/react-router/package.json" with { type: "json" };
import tanstackStart from "../../examples/tanstack-start/package.json" with { type: "json" };
import { assertCleanCard } from "./check/card.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { buildProject } from "./runtimes/project.mjs";
import { node, withServer } from "./runtimes/project-server.mjs";
import { SECRET, checkAnswers, genuine } from "./runtimes/receiver.mjs";
import { freePort } from "./support/free-port.mjs";

const timeout = 120_000;
const tsc = [node, "node_modules/typescript/lib/tsc.js"];
const receive = `// @ts-nocheck
import { fetchHandler } from "@dealix/webhooks";
const receive = fetchHandler({ onEvent() {} });
`;

const reactRouterCommand = "node_modules/.bin/react-router";
const tanstackRoute = (path, handler) => `${receive}
import { createFileRoute } from "@tanstack/react-router";
export const Route = createFileRoute("/webhooks/${path}")({ server: { handlers: { POST: ${handler} } } });
`;

const frameworks = {
  "react-router": {
    row: "React Router",
    version: reactRouter.dependencies["react-router"],
    example: "app/routes/dealix.ts",
    builds: "`react-router build`, `react-router-serve`",
    mistake: "`export const action = receive`",
    files: {
      "app/routes.ts": `
        import { type RouteConfig, route } from "@react-router/dev/routes";
        export default ["dealix", "parsed", "args"].map((name) => route("webhooks/" + name, "routes/" + name + ".ts")) satisfies
          RouteConfig;`,
      "app/routes/parsed.ts": `${receive}
        export const action = async ({ request }) => (await request.json(), receive(request));`,
      "app/routes/args.ts": `${receive}
        export const action = receive;`,
    },
    build: [[node, reactRouterCommand, "build"], [node, reactRouterCommand, "typegen"], tsc],
    server: ["node_modules/.bin/react-router-serve", "build/server/index.js"],
  },
  "tanstack-start": {
    row: "TanStack Start",
    version: tanstackStart.dependencies["@tanstack/react-start"],
    example: "src/routes/webhooks/dealix.ts",
    builds: "`vite build`, `node`",
    mistake: "`handlers: { POST: receive }`",
    files: {
      "src/routes/webhooks/parsed.ts": tanstackRoute(
        "parsed",
        "async ({ request }) => (await request.json(), receive(request))",
      ),
      "src/routes/webhooks/args.ts": tanstackRoute("args", "receive"),
    },
    build: [[node, "node_modules/vite/bin/vite.js", "build"], tsc],
    server: [".output/server/index.mjs"],
  },
};

for (const name of Object.keys(frameworks)) {
  test(`${name}: built without the secret, started with it`, { timeout }, () =>
    served(name, {}, async (url) => {
      await checkAnswers(`${url}dealix`);
      await assertCleanCard(`${url}dealix`, SECRET);
    }),
  );

  test(`${name}: two mistakes, and the log says what to do`, { timeout }, () =>
    served(name, {}, async (url, logged) => {
      assert.equal((await fetch(genuine(`${url}parsed`))).status, 500);
      await logged(/body_parsed/);
      await logged(/Verify before anything else reads it, and use the event that this returns/);
      assert.equal((await fetch(genuine(`${url}args`))).status, 500);
      recordFramework(frameworks[name].row, {
        version: frameworks[name].version,
        example: `${name}/${frameworks[name].example}`,
        builds: frameworks[name].builds,
        mistake: frameworks[name].mistake,
        says: "React Router, TanStack: pass the route's `request`",
        seen: await logged(/React Router, TanStack: pass the route's `request`/),
      });
    }),
  );

  test(`${name}: without the secret every delivery gets 500, and the log says why`, { timeout }, () =>
    served(name, { DEALIX_WEBHOOK_SECRET: "" }, async (url, logged) => {
      assert.equal((await fetch(genuine(`${url}dealix`))).status, 500);
      await logged(/empty_secret/);
    }),
  );
}

/** Runs with the address of a built example's routes, and what its server has printed. */
async function served(name, others, run) {
  const { files, build, server } = frameworks[name];
  const folder = await buildProject(name, { files, build, env: { DEALIX_WEBHOOK_SECRET: "" } });
  const PORT = String(await freePort());
  const env = { HOST: "127.0.0.1", PORT, ...others };
  await withServer(folder, server, (_, logged) => run(`http://127.0.0.1:${PORT}/webhooks/`, logged), { env });
}
