// A handler at module level where the secret is absent, as in a build: it loads, responds 500 while there is none, and says why.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { test } from "node:test";
import { lambdaHandler, nodeHandler } from "@dealix/webhooks/node";
import { consoleErrors, delivery, PATH, SECRET, withServer } from "./support/http.mjs";

const timeout = 20_000;
const onEvent = () => {};
const NAME = "DEALIX_WEBHOOK_SECRET";

const lambdaEvent = () => {
  const { method, headers, body } = delivery();
  return { version: "2.0", headers, requestContext: { http: { method, path: PATH } }, body, isBase64Encoded: false };
};

/** Runs with the environment's secret as given. */
async function withEnvironment(secret, run) {
  const before = process.env[NAME];
  const set = (value) => (value === undefined ? delete process.env[NAME] : (process.env[NAME] = value));
  set(secret);
  await run().finally(() => set(before));
}

for (const [way, options] of [
  ["a function", { secret: () => process.env[NAME], onEvent }],
  ["left out", { onEvent }],
]) {
  test(`nodeHandler, the secret ${way}: 500 and a line in the log until there is one`, { timeout }, () =>
    withEnvironment(undefined, async () => {
      const handler = nodeHandler(options);
      const statuses = [];
      const errors = await consoleErrors(() =>
        withServer(createServer(handler), async (url) => {
          for (const secret of [undefined, "", SECRET, undefined]) {
            await withEnvironment(secret, async () => statuses.push((await fetch(url, delivery())).status));
          }
        }),
      );
      assert.deepEqual(statuses, [500, 500, 204, 204]);
      assert.deepEqual(
        errors.map(({ code }) => code),
        ["empty_secret", "empty_secret"],
      );
    }),
  );

  test(`lambdaHandler, the secret ${way}: it rejects until there is one`, { timeout }, () =>
    withEnvironment(undefined, async () => {
      const handler = lambdaHandler(options);
      await assert.rejects(handler(lambdaEvent()), { name: "WebhookConfigurationError", code: "empty_secret" });
      await withEnvironment(SECRET, async () => assert.equal((await handler(lambdaEvent())).statusCode, 204));
    }),
  );
}

test("a module that is loaded by a build", { timeout }, () => {
  const env = { ...process.env, NODE_OPTIONS: "" };
  delete env[NAME];
  const load = (options) => {
    const code = `import { fetchHandler } from "@dealix/webhooks"; export const POST = fetchHandler({ ${options} onEvent() {} });`;
    return spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: import.meta.dirname,
      env,
      encoding: "utf8",
    });
  };
  for (const options of ["", `secret: () => process.env.${NAME},`])
    assert.deepEqual([load(options).status, load(options).stderr], [0, ""]);
  const { status, stderr } = load(`secret: process.env.${NAME},`);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /The secret is undefined\. .* In a build step pass `secret: \(\) => process\.env\.DEALIX_WEBHOOK_SECRET`/,
  );
});

test("nodeHandler and lambdaHandler hand on what they know", { timeout }, async () => {
  const seen = [];
  const note = (_, context) => seen.push(context);
  const options = {
    secret: ["whsec_current", SECRET],
    onEvent: { "deal.won": note, other: () => assert.fail("another type") },
    onError: note,
  };
  const headers = { "Dealix-Delivery-Attempt": "2" };
  await withServer(createServer(nodeHandler(options)), async (url) => {
    assert.equal((await fetch(url, delivery({ headers }))).status, 204);
    assert.equal((await fetch(url, delivery({ headers, secret: "whsec_forger" }))).status, 400);
  });
  const event = lambdaEvent();
  event.headers = { ...event.headers, ...headers };
  assert.equal((await lambdaHandler(options)(event)).statusCode, 204);
  assert.deepEqual(
    seen.map(({ secretIndex, attempt }) => [secretIndex, attempt]),
    [
      [1, 2],
      [null, 2],
      [1, 2],
    ],
  );
  assert.equal(seen[0].request.url, PATH);
  assert.equal(seen[0].headers, seen[0].request.headers);
  assert.equal(seen[2].request, event);
  assert.equal(seen[2].headers["dealix-delivery-attempt"], "2");
});
