// The example for Supabase's edge functions, which are programs for Deno, and so for Deno Deploy: in a project of its own, run
// by Deno with the package from a registry. Supabase's own runtime comes only as a container.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { assertCleanCard } from "./check/card.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { program, run } from "./runtimes/process.mjs";
import { withServer } from "./runtimes/project-server.mjs";
import { SECRET, checkAnswers, examples, genuine } from "./runtimes/receiver.mjs";
import { startRegistry } from "./runtimes/registry.mjs";

const deno = program("@deno/linux-x64-glibc/deno");
const start = ["run", "--allow-net", "--allow-env", "index.ts"];
const timeout = 60_000;

test("supabase: run by deno, checked with its own types", { timeout }, () =>
  inProject(async (functions, env) => {
    await run(deno, ["check", "index.ts"], { cwd: join(functions, "dealix"), env });
    await served(join(functions, "dealix"), env, async (url) => {
      await checkAnswers(url);
      await assertCleanCard(url, SECRET);
    });
    const options = { cwd: join(functions, "dealix"), env: { ...env, DEALIX_WEBHOOK_SECRET: "" } };
    await assert.rejects(run(deno, start, options), /empty_secret/);
  }),
);

test("supabase: after `request.json()`, the log says what to do", { timeout }, () =>
  inProject(async (functions, env) => {
    const parsed = join(functions, "parsed");
    mkdirSync(parsed);
    cpSync(join(functions, "dealix/deno.json"), join(parsed, "deno.json"));
    const code = [
      `import { fetchHandler } from "@dealix/webhooks";`,
      `const receive = fetchHandler({ onEvent() {} });`,
      `Deno.serve(async (request) => (console.log((await request.json()).type), receive(request)));`,
    ];
    writeFileSync(join(parsed, "index.ts"), code.join("\n"));
    await served(parsed, env, async (url, logged) => {
      assert.equal((await fetch(genuine(url))).status, 500);
      await logged(/body_parsed/);
      recordFramework("Supabase edge functions", {
        version: `Deno ${(await run(deno, ["--version"])).split(" ")[1]}`,
        example: "supabase/supabase/functions/dealix/index.ts",
        builds: "`deno run`",
        mistake: "`await request.json()` first",
        says: "Verify before anything else reads it, and use the event that this returns",
        seen: await logged(/use the event that this returns/),
      });
    });
  }),
);

/** Runs with the folder of a new project's functions, and the environment in which Deno finds the package. */
async function inProject(run) {
  const registry = await startRegistry();
  await withFolder(async (folder) => {
    cpSync(join(examples, "supabase"), folder, { recursive: true });
    const env = {
      HOME: folder,
      PATH: `${dirname(deno)}:${process.env.PATH}`,
      NPM_CONFIG_REGISTRY: registry.url,
      DENO_DIR: join(folder, "deno-cache"),
      DENO_NO_UPDATE_CHECK: "1",
      DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
      NO_COLOR: "1",
    };
    await run(join(folder, "supabase/functions"), env);
  }).finally(registry.close);
}

/** Runs with the address of one function, and what it has printed. */
async function served(folder, env, run) {
  // It prints its address to standard error.
  const words = ["-c", 'exec "$@" 2>&1', "sh", deno, ...start];
  await withServer(folder, words, run, { env, command: "sh", prints: /(?<=Listening on )http:\S+/ });
}
