// A process may load the package twice: one copy imported and one required, or two versions. Errors are recognized by
// brand and name.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { signedRequest } from "@dealix/webhooks/testing";
import { consoleErrors, delivery, SECRET, withServer } from "./support/http.mjs";

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(import.meta.dirname, "copy-"));
after(() => rmSync(folder, { recursive: true }));
cpSync(join(import.meta.dirname, "../../node_modules/@dealix/webhooks"), folder, { recursive: true });

const entries = ["", "/node", "/replay"];
const merged = async (load) => Object.assign({}, ...(await Promise.all(entries.map(load))));
const copies = {
  imported: await merged((entry) => import(`@dealix/webhooks${entry}`)),
  required: await merged((entry) => require(`@dealix/webhooks${entry}`)),
  "another version": await merged(
    (entry) => import(pathToFileURL(join(folder, "dist", `${entry.slice(1) || "index"}.js`)).href),
  ),
};
const pairs = Object.keys(copies).flatMap((one) =>
  Object.keys(copies)
    .filter((other) => other !== one)
    .map((other) => [one, other]),
);
const CLASSES = ["WebhookVerificationError", "WebhookConfigurationError", "WebhookUsageError", "WebhookReplayError"];

/** One error of each class, as the copy throws it. */
async function errorsOf({ Webhook, ReplayGuard, memoryStore }) {
  const thrown = async (run) => {
    try {
      await run();
    } catch (error) {
      return error;
    }
  };
  const webhook = new Webhook(SECRET);
  const guard = new ReplayGuard(memoryStore());
  return [
    webhook.check("", "").error,
    await thrown(() => new Webhook("")),
    await thrown(() => webhook.sign({})),
    await thrown(() => guard.run("evt_1", () => guard.run("evt_1", () => {}))),
  ];
}

for (const [one, other] of pairs) {
  test(`instanceof: errors ${one}, classes ${other}`, async () => {
    const errors = await errorsOf(copies[one]);
    assert.ok(copies[one].WebhookError !== copies[other].WebhookError, "these are two copies");
    assert.deepEqual(
      errors.map(({ name }) => name),
      CLASSES,
    );
    for (const error of errors) {
      assert.ok(error instanceof copies[other].WebhookError && error instanceof Error);
      for (const name of CLASSES)
        assert.equal(error instanceof copies[other][name], error.name === name, `${error.name} ${name}`);
    }
  });

  test(`guard ${one}, handlers ${other}: 503, and a refusal is 400`, async () => {
    const { ReplayGuard, WebhookVerificationError } = copies[one];
    const { fetchHandler, nodeHandler, lambdaHandler } = copies[other];
    const guard = new ReplayGuard();
    const refusals = [];
    const inHand = (event) => guard.run(event.id, () => guard.run(event.id, () => {}));
    const options = {
      secret: SECRET,
      onEvent: inHand,
      onError: (error) => refusals.push(error instanceof WebhookVerificationError),
    };
    const event = { id: "evt_1", type: "x", customer_id: "c", timestamp: 1, api_version: "v1", data: {} };
    for (const [secret, status] of [
      [SECRET, 503],
      ["other", 400],
    ]) {
      assert.equal((await fetchHandler(options)(signedRequest({ secret, event }))).status, status);
      await withServer(createServer(nodeHandler(options)), async (url) =>
        assert.equal((await fetch(url, delivery({ secret }))).status, status),
      );
      const { method, headers, body } = delivery({ secret });
      assert.equal((await lambdaHandler(options)({ httpMethod: method, headers, body })).statusCode, status);
    }
    assert.deepEqual(refusals, [true, true, true]);
  });
}

test("instanceof: a user's subclass is its base class, in every copy", () => {
  class Mine extends copies.required.WebhookReplayError {}
  const error = Reflect.construct(Mine, ["delivery_in_progress", "x", "y"]);
  const { WebhookError, WebhookReplayError, WebhookVerificationError } = copies.imported;
  assert.deepEqual(
    [error instanceof WebhookError, error instanceof WebhookReplayError, error instanceof WebhookVerificationError],
    [true, true, false],
  );
});

test("instanceof: what only looks like an error of the package is none", () => {
  const { WebhookError, WebhookVerificationError, Webhook } = copies.imported;
  class Mine extends WebhookVerificationError {}
  const real = new Webhook(SECRET).check("", "").error;
  const named = Object.assign(new Error("x"), { name: "WebhookVerificationError", code: "signature_mismatch" });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const throwing = Object.defineProperty({}, "name", { get: () => assert.fail("was asked") });
  for (const value of [
    proxy,
    throwing,
    Object.create(null),
    named,
    { name: "WebhookVerificationError" },
    undefined,
    null,
    "WebhookVerificationError",
    5,
    () => {},
  ]) {
    assert.equal(value instanceof WebhookVerificationError || value instanceof WebhookError, false);
  }
  assert.equal(real instanceof Mine, false);
  assert.ok(Reflect.construct(Mine, ["body_too_large", "x", "y"]) instanceof WebhookVerificationError);
});

// Nothing was published without the brand, and the 500 for such an error makes Dealix retry, as the 503 would.
test("an error with only the name and the code is the application's: 500", async () => {
  const stranger = Object.assign(new Error("x"), { name: "WebhookReplayError", code: "delivery_in_progress" });
  const handler = copies.imported.nodeHandler({ secret: SECRET, onEvent: () => Promise.reject(stranger) });
  const errors = await consoleErrors(() =>
    withServer(createServer(handler), async (url) => assert.equal((await fetch(url, delivery())).status, 500)),
  );
  assert.deepEqual(errors, [stranger]);
});
