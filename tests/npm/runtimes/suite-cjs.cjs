// The same, the package required.
const { json } = require("node:stream/consumers");
const vm = require("node:vm");
const webhooks = require("@dealix/webhooks");
const replay = require("@dealix/webhooks/replay");
const testing = require("@dealix/webhooks/testing");

const otherRealm = vm.runInNewContext("({ Uint8Array })");
Promise.all([json(process.stdin), import("../suite/index.mjs")]).then(async ([vectors, { runSuite }]) => {
  console.log(JSON.stringify(await runSuite({ webhooks, testing, replay, vectors, otherRealm })));
});
