// The suite in Node, the package required.
const { test } = require("node:test");
const vm = require("node:vm");
const webhooks = require("@dealix/webhooks");
const replay = require("@dealix/webhooks/replay");
const testing = require("@dealix/webhooks/testing");

const otherRealm = vm.runInNewContext("({ Uint8Array })");
test("node cjs", async (t) => {
  const { vectors } = await import("./runtimes/vectors.mjs");
  const { suite } = await import("./suite/index.mjs");
  for (const { name, run } of suite({ webhooks, testing, replay, vectors, otherRealm })) await t.test(`node cjs: ${name}`, run);
});
