// The receivers in examples/, each started and sent real HTTP requests.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertCleanCard, assertReceives } from "./check/card.mjs";
import { commandOf } from "./runtimes/process.mjs";
import { freePort } from "./support/free-port.mjs";
import { SECRET, event, examples, genuine, start } from "./runtimes/receiver.mjs";

const express4 = join(examples, "express-4");
cpSync(join(examples, "express"), express4, { recursive: true });
const onExpress4 = readFileSync(join(express4, "receiver.mjs"), "utf8").replace('"express"', '"express-4"');
writeFileSync(join(express4, "receiver.mjs"), onExpress4);

for (const receiver of ["node", "express", "express-4", "fastify", "koa", "hapi", "nestjs", "hono"]) {
  test(`${receiver} receiver`, { timeout: 60_000 }, async () => {
    const server = start(receiver, await script(receiver), {
      DEALIX_WEBHOOK_SECRET: SECRET,
      PORT: String(await freePort()),
    });
    try {
      const url = await server.url(/http:\S+/);
      await assertReceives(url, SECRET);
    } finally {
      await server.stop();
    }
  });

  test(`${receiver} receiver: an unset secret fails at start-up`, { timeout: 20_000 }, async () => {
    const server = start(receiver, await script(receiver), { DEALIX_WEBHOOK_SECRET: "", PORT: "0" });
    const [code] = await once(server.process, "exit");
    assert.equal(code, 1);
    assert.match(server.errors(), /empty_secret/);
  });
}

test("lambda", { timeout: 20_000 }, async () => {
  const input = await lambdaEvent();
  const program = `import { handler } from "./index.mjs"; console.log(JSON.stringify(await handler(${JSON.stringify(input)})));`;
  const lambda = start("lambda", ["--input-type=module", "--eval", program], { DEALIX_WEBHOOK_SECRET: SECRET });
  await once(lambda.process, "exit");
  const [line, result] = lambda.errors().split("\n");
  assert.equal(line, `deal.won ${event.id}`, lambda.errors());
  assert.equal(JSON.parse(result).statusCode, 204);
  const unset = start("lambda", ["index.mjs"], { DEALIX_WEBHOOK_SECRET: "" });
  const [code] = await once(unset.process, "exit");
  assert.equal(code, 1);
  assert.match(unset.errors(), /empty_secret/);
});

test("lambda: behind a gateway, every answer is right", { timeout: 60_000 }, async () => {
  const gateway = start("lambda", [join(import.meta.dirname, "runtimes/gateway.mjs")], {
    DEALIX_WEBHOOK_SECRET: SECRET,
  });
  try {
    await assertCleanCard(await gateway.url(/http:\S+/), SECRET);
  } finally {
    await gateway.stop();
  }
});

async function lambdaEvent() {
  const request = genuine("https://x.example/");
  const headers = Object.fromEntries(request.headers);
  return {
    version: "2.0",
    headers,
    requestContext: { http: { method: "POST" } },
    body: await request.text(),
    isBase64Encoded: false,
  };
}

let isCompiled = false;

/** The command that starts a receiver; Nest's is TypeScript, and is built first as its package.json says. */
async function script(receiver) {
  if (receiver !== "nestjs") return ["receiver.mjs"];
  if (!isCompiled) {
    const tsc = start(receiver, [commandOf("typescript")], {});
    const [code] = await once(tsc.process, "exit");
    assert.equal(code, 0, tsc.errors());
    isCompiled = true;
  }
  return ["dist/receiver.js"];
}
