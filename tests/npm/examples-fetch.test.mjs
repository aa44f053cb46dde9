// The examples for Deno and Bun as users start them: each in its own project, with the package from a registry. Elysia
// on Bun, in this repository, which has Elysia.
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { assertReceives } from "./check/card.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { manifest, program, run } from "./runtimes/process.mjs";
import { SECRET, examples, genuine, start } from "./runtimes/receiver.mjs";
import { startRegistry } from "./runtimes/registry.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";

const deno = program("@deno/linux-x64-glibc/deno");
const bun = program("@oven/bun-linux-x64/bin/bun");

const MISTAKE = {
  mistake: "`await request.json()` first",
  says: "Verify before anything else reads it, and use the event that this returns",
};

test("deno receiver", { timeout: 60_000 }, () =>
  inProject("Deno", deno, ["task", "start"], checkWithDeno, "`deno check`, `deno task start`"),
);

test("bun receiver", { timeout: 60_000 }, () =>
  inProject("Bun", bun, ["start"], (options) => run(bun, ["install"], options), "`bun start`"),
);

test("elysia receiver", { timeout: 60_000 }, async () => {
  const env = { DEALIX_WEBHOOK_SECRET: SECRET, PORT: "0" };
  const server = start("elysia", ["receiver.ts"], env, bun);
  try {
    const url = await server.url(/http:\S+/);
    await assertReceives(url, SECRET);
  } finally {
    await server.stop();
  }
  const refused = start("elysia", ["receiver.ts"], { ...env, DEALIX_WEBHOOK_SECRET: "" }, bun);
  await assert.rejects(refused.url(/http:\S+/), /empty_secret/);
});

test("elysia: a handler that names `body`, and the error says so", { timeout: 60_000 }, async () => {
  const mistake = [
    `import { Elysia } from "elysia";`,
    `import { fetchHandler } from "@dealix/webhooks";`,
    `const receive = fetchHandler({ onEvent() {} });`,
    `const app = new Elysia().post("/", ({ body, request }) => (void body, receive(request))).listen(0);`,
    `console.log("http://localhost:" + app.server.port + "/");`,
  ];
  writeFileSync(join(examples, "elysia/parsed.mjs"), `${mistake.join("\n")}\n`);
  const server = start("elysia", ["parsed.mjs"], { DEALIX_WEBHOOK_SECRET: SECRET }, bun);
  try {
    const response = await fetch(genuine(await server.url(/http:\S+/)));
    assert.equal(response.status, 500);
    recordFramework("Elysia", {
      version: manifest("elysia").version,
      example: "elysia/receiver.ts",
      builds: "`bun`",
      mistake: "a handler that names `body`",
      says: "Elysia: name `request` and not `body` in the handler",
      seen: server.errors() + (await response.text()),
    });
  } finally {
    await server.stop();
  }
});

/** Starts an example in a copy outside this repository, and checks its responses. */
async function inProject(title, command, words, prepare, builds) {
  const name = title.toLowerCase();
  const { version } = manifest(name);
  const registry = await startRegistry();
  await withFolder(async (folder) => {
    const project = join(folder, name);
    cpSync(join(examples, name), project, { recursive: true });
    const env = {
      HOME: folder,
      PATH: `${dirname(command)}:${process.env.PATH}`,
      NPM_CONFIG_REGISTRY: registry.url,
      DENO_DIR: join(folder, "deno-cache"),
      DENO_NO_UPDATE_CHECK: "1",
      DO_NOT_TRACK: "1",
      DEALIX_WEBHOOK_SECRET: SECRET,
      PORT: "0",
    };
    await prepare({ cwd: project, env });
    const server = start(project, words, env, command);
    try {
      const url = await server.url(/http:\S+/);
      assert.equal((await fetch(url)).status, 405);
      assert.equal((await fetch(new URL("/", url))).status, 404);
      await assertReceives(url, SECRET);
    } finally {
      await server.stop();
    }
    const refused = start(project, words, { ...env, DEALIX_WEBHOOK_SECRET: "" }, command);
    await assert.rejects(refused.url(/http:\S+/), /empty_secret/);
    const seen = await readFirst(project, words, env, command);
    recordFramework(title, { version, example: `${name}/receiver.mjs`, builds, ...MISTAKE, seen });
  }).finally(registry.close);
}

/** What the receiver prints when something else reads the body first. */
async function readFirst(project, words, env, command) {
  const file = join(project, "receiver.mjs");
  const code = readFileSync(file, "utf8");
  const mistake = code.replace("=> receive(request)", "=> request.json().then(() => receive(request))");
  writeFileSync(file, mistake.replace("? receive(request)", "? request.json().then(() => receive(request))"));
  const server = start(project, words, env, command);
  try {
    assert.equal((await fetch(genuine(await server.url(/http:\S+/)))).status, 500);
    return await server.log(MISTAKE.says);
  } finally {
    await server.stop();
  }
}

/** Checks the types of the receiver, as JavaScript and as TypeScript. */
async function checkWithDeno(options) {
  const file = (name) => join(options.cwd, name);
  const settings = { ...JSON.parse(readFileSync(file("deno.json"), "utf8")), compilerOptions: { checkJs: true } };
  writeFileSync(file("checked.json"), JSON.stringify(settings));
  cpSync(file("receiver.mjs"), file("receiver.ts"));
  await run(deno, ["check", "--config", "checked.json", "receiver.mjs", "receiver.ts"], options);
}
