// The examples for Deno and Bun as users start them: each in its own project, with the package from a registry. Elysia
// on Bun, in this repository, which has Elysia.
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { assertCleanCard } from "./check/card.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { program, run } from "./runtimes/process.mjs";
import { SECRET, checkAnswers, examples, genuine, hangUpHalfWay, start } from "./runtimes/receiver.mjs";
import { startRegistry } from "./runtimes/registry.mjs";

const deno = program("@deno/linux-x64-glibc/deno");
const bun = program("@oven/bun-linux-x64/bin/bun");

test("deno receiver", { timeout: 60_000 }, () => inProject("deno", deno, ["task", "start"], checkWithDeno));

test("bun receiver", { timeout: 60_000 }, () =>
  inProject("bun", bun, ["start"], (options) => run(bun, ["install"], options)),
);

test("elysia receiver", { timeout: 60_000 }, async () => {
  const env = { DEALIX_WEBHOOK_SECRET: SECRET, PORT: "0" };
  const server = start("elysia", ["receiver.ts"], env, bun);
  try {
    const url = await server.url(/http:\S+/);
    await hangUpHalfWay(url);
    await checkAnswers(url);
    await assertCleanCard(url, SECRET);
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
    assert.match(server.errors() + (await response.text()), /Elysia: name `request` and not `body` in the handler/);
  } finally {
    await server.stop();
  }
});

/** Starts an example in a copy outside this repository, and checks its responses. */
async function inProject(name, command, words, prepare) {
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
      await hangUpHalfWay(url);
      assert.equal((await fetch(url)).status, 405);
      assert.equal((await fetch(new URL("/", url))).status, 404);
      await checkAnswers(url);
      await assertCleanCard(url, SECRET);
    } finally {
      await server.stop();
    }
    const refused = start(project, words, { ...env, DEALIX_WEBHOOK_SECRET: "" }, command);
    await assert.rejects(refused.url(/http:\S+/), /empty_secret/);
  }).finally(registry.close);
}

/** Checks the types of the receiver, as JavaScript and as TypeScript. */
async function checkWithDeno(options) {
  const file = (name) => join(options.cwd, name);
  const settings = { ...JSON.parse(readFileSync(file("deno.json"), "utf8")), compilerOptions: { checkJs: true } };
  writeFileSync(file("checked.json"), JSON.stringify(settings));
  cpSync(file("receiver.mjs"), file("receiver.ts"));
  await run(deno, ["check", "--config", "checked.json", "receiver.mjs", "receiver.ts"], options);
}
