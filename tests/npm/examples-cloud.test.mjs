// The examples for Azure Functions and Google Cloud Functions: the one in a stand-in for its host, the other as Google's
// framework starts it. Each host's usual mistake is made on purpose, and the log says what to do instead.
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeEvent } from "@dealix/webhooks/testing";
import { assertCleanCard } from "./check/card.mjs";
import { commandOf, manifest, script } from "./runtimes/process.mjs";
import { freePort } from "./support/free-port.mjs";
import { SECRET, checkAnswers, examples, genuine, start } from "./runtimes/receiver.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";

const timeout = 60_000;
const host = script("azure-host.mjs");

test("azure functions", { timeout }, async () => {
  await withServer("azure", [host, "src/functions/dealix.mjs"], async (url) => {
    await checkAnswers(url);
    await assertCleanCard(url, SECRET);
  });
  const unset = start("azure", [host, "src/functions/dealix.mjs"], { DEALIX_WEBHOOK_SECRET: "" });
  await assert.rejects(unset.url(/http:\S+/), /empty_secret/);
});

test("azure functions: after `request.json()`, the error says what to do", { timeout }, async () => {
  const mistake = [
    `import { app } from "@azure/functions";`,
    `import { fetchHandler } from "@dealix/webhooks";`,
    `const receive = fetchHandler({ onEvent() {} });`,
    `const handler = async (request) => (await request.json(), receive(request));`,
    `app.http("parsed", { methods: ["POST"], route: "parsed", authLevel: "anonymous", handler });`,
  ];
  writeFileSync(join(examples, "azure/src/functions/parsed.mjs"), `${mistake.join("\n")}\n`);
  await withServer("azure", [host, "src/functions/parsed.mjs"], async (url, server) => {
    assert.equal((await fetch(genuine(url))).status, 500);
    const seen = await server.log("use the event that this returns");
    assert.match(seen, /body_parsed/);
    recordFramework("Azure Functions", {
      version: `4, @azure/functions ${manifest("@azure/functions").version}`,
      example: "azure/src/functions/dealix.mjs",
      builds: "`node`, in a stand-in for the host",
      mistake: "`await request.json()` first",
      says: "Verify before anything else reads it, and use the event that this returns",
      seen,
    });
  });
});

test("google cloud functions", { timeout }, async () => {
  const framework = [commandOf("@google-cloud/functions-framework"), "--target=receive"];
  await withServer("google-cloud", framework, async (url) => {
    // The framework parses the body before it calls the function, and refuses what is not JSON.
    await checkAnswers(url, { "2 MB": 400 });
    const event = makeEvent({ type: "deal.won", data: { text: "x".repeat(1_100_000) } });
    assert.equal((await fetch(genuine(url, { event }))).status, 413);
    await assertCleanCard(url, SECRET);
  });
  const unset = start("google-cloud", framework, { DEALIX_WEBHOOK_SECRET: "", PORT: "0" });
  const [code] = await once(unset.process, "exit");
  assert.notEqual(code, 0);
  assert.match(unset.errors(), /empty_secret/);
});

test("google cloud functions: `req.body` instead of `req.rawBody`, and the error names it", { timeout }, async () => {
  const mistake = [
    `import functions from "@google-cloud/functions-framework";`,
    `import { Webhook } from "@dealix/webhooks";`,
    `const webhook = new Webhook(process.env.DEALIX_WEBHOOK_SECRET);`,
    `functions.http("parsed", (req, res) => res.json(webhook.verify(req.body, req.headers)));`,
  ];
  writeFileSync(join(examples, "google-cloud/parsed.mjs"), `${mistake.join("\n")}\n`);
  const words = [commandOf("@google-cloud/functions-framework"), "--source=parsed.mjs", "--target=parsed"];
  await withServer("google-cloud", words, async (url, server) => {
    assert.equal((await fetch(genuine(url))).status, 500);
    const seen = await server.log("`req.rawBody`");
    assert.match(seen, /body_parsed/);
    recordFramework("Google Cloud Functions", {
      version: `functions-framework ${manifest("@google-cloud/functions-framework").version}`,
      example: "google-cloud/index.mjs",
      builds: "`functions-framework`",
      mistake: "`req.body` in place of `req.rawBody`",
      says: "Google Cloud, Firebase: `req.rawBody`",
      seen,
    });
  });
});

/** Runs with an example's server and its address. */
async function withServer(example, words, run) {
  const server = start(example, words, { DEALIX_WEBHOOK_SECRET: SECRET, PORT: String(await freePort()) });
  try {
    await run(await server.url(/http:\S+/), server);
  } finally {
    await server.stop();
  }
}
