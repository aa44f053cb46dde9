// The examples for SvelteKit and Astro, which Vite builds: built without the secret, as in a container's build, compiled
// under `strict`, and started with it.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { makeEvent } from "@dealix/webhooks/testing";
import { assertCleanCard } from "./check/card.mjs";
import { commandOf, manifest, program, run, script } from "./runtimes/process.mjs";
import { freePort } from "./support/free-port.mjs";
import { SECRET, checkAnswers, examples, genuine, start } from "./runtimes/receiver.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";

// Both need Node 22 or newer.
const node = program("node-24/bin/node");
const timeout = 120_000;

/** Against request forgery, both refuse forms from elsewhere, and bodies of a form's types. Dealix sends JSON. */
const byHost = Object.fromEntries(
  ["no header", "no header and no body", "a header and no body", "no JSON by its type"].map((what) => [what, 403]),
);

const frameworks = {
  sveltekit: {
    row: {
      title: "SvelteKit",
      of: "@sveltejs/kit",
      example: "src/routes/webhooks/dealix/+server.ts",
      builds: "`vite build`, `node build`",
    },
    build: ["--import", pathToFileURL(script("typescript-6.mjs")).href, commandOf("vite"), "build"],
    server: "build/index.js",
    // The adapter's own limit is 512 kB.
    env: { BODY_SIZE_LIMIT: "1M" },
    mistakes: {
      "src/routes/webhooks/parsed/+server.ts":
        "export const POST = async ({ request }) => (await request.json(), receive(request));",
      "src/routes/webhooks/event/+server.ts": "export const POST = receive;",
    },
  },
  astro: {
    row: { title: "Astro", of: "astro", example: "src/pages/webhooks/dealix.ts", builds: "`astro build`, `node`" },
    build: [commandOf("astro"), "build"],
    server: "dist/server/entry.mjs",
    env: { HOST: "127.0.0.1" },
    mistakes: {
      "src/pages/webhooks/parsed.ts":
        "export const POST = async ({ request }) => (await request.json(), receive(request));",
      "src/pages/webhooks/event.ts": "export const POST = receive;",
    },
  },
};

for (const [name, { row, build, env, mistakes }] of Object.entries(frameworks)) {
  const { title, of, example, builds } = row;
  test(`${name}: built without the secret, started with it`, { timeout }, async () => {
    const cwd = join(examples, name);
    const building = { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" };
    delete building.DEALIX_WEBHOOK_SECRET;
    for (const [file, line] of Object.entries(mistakes)) write(join(cwd, file), line);
    if (name === "astro") linkDependenciesOf("astro", join(cwd, "node_modules"));
    await run(node, build, { cwd, env: building });
    await compile(cwd);
    await withServer(name, { ...env, DEALIX_WEBHOOK_SECRET: SECRET }, async (url, log) => {
      await checkAnswers(`${url}dealix`, byHost);
      await assertCleanCard(`${url}dealix`, SECRET);
      assert.equal((await fetch(genuine(`${url}parsed`))).status, 500);
      assert.match(await log("body_parsed"), /body_parsed/);
      recordFramework(title, {
        version: manifest(of).version,
        example: `${name}/${example}`,
        builds,
        mistake: "`await request.json()` first",
        says: "Verify before anything else reads it, and use the event that this returns",
        seen: await log("use the event that this returns"),
      });
      assert.equal((await fetch(genuine(`${url}event`))).status, 500);
      assert.match(await log("pass the route's"), /SvelteKit, Astro, .*: pass the route's `request`/);
    });
  });

  test(`${name}: without the secret every delivery gets 500, and the log says why`, { timeout }, () =>
    withServer(name, { ...env, DEALIX_WEBHOOK_SECRET: "" }, async (url, log) => {
      assert.equal((await fetch(genuine(`${url}dealix`))).status, 500);
      assert.match(await log("empty_secret"), /empty_secret/);
    }),
  );
}

test("sveltekit: without BODY_SIZE_LIMIT a delivery over 512 kB gets 413", { timeout }, () =>
  withServer("sveltekit", { DEALIX_WEBHOOK_SECRET: SECRET }, async (url, log) => {
    for (const [size, status] of [
      [500, 204],
      [520, 413],
    ]) {
      const event = makeEvent({ type: "deal.won", data: { text: "x".repeat(size * 1024) } });
      assert.equal((await fetch(genuine(`${url}dealix`, { event }))).status, status);
    }
    const printed = await log("BODY_SIZE_LIMIT");
    assert.match(printed, /over the host's own limit/);
    assert.match(printed, /in SvelteKit's adapter-node with `BODY_SIZE_LIMIT`/);
  }),
);

/** Runs with the built server of an example, the address of its routes, and a function that waits for what it prints. */
async function withServer(name, env, run) {
  const PORT = String(await freePort());
  const server = start(name, [frameworks[name].server], { ...env, PORT }, node);
  try {
    await server.url(/http:\S+/);
    await run(`http://127.0.0.1:${PORT}/webhooks/`, (words) => server.log(words));
  } finally {
    await server.stop();
  }
}

/** A route with a mistake. */
function write(file, line) {
  mkdirSync(join(file, ".."), { recursive: true });
  const code = [
    "// @ts-nocheck",
    `import { fetchHandler } from "@dealix/webhooks";`,
    "const receive = fetchHandler({ onEvent() {} });",
  ];
  writeFileSync(file, `${[...code, line].join("\n")}\n`);
}

/** Puts a package's dependencies where npm puts them in a project that has no other packages. */
function linkDependenciesOf(name, folder) {
  const own = join(manifest(name).folder, "node_modules");
  mkdirSync(folder, { recursive: true });
  for (const dependency of readdirSync(own)) {
    if (!dependency.startsWith(".")) symlinkSync(join(own, dependency), join(folder, dependency));
  }
}

/** Compiles an example's sources, and not what was built of them, with its own settings. */
async function compile(cwd) {
  const settings = join(cwd, "tsconfig.check.json");
  writeFileSync(settings, JSON.stringify({ extends: "./tsconfig.json", exclude: ["build", "dist"] }));
  await run(node, [commandOf("typescript-6"), "--noEmit", "--project", settings], { cwd });
}
