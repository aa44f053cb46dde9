// The suite in a process, the package imported: the vectors come on standard input, the results go to standard output.
import process from "node:process";
import { json } from "node:stream/consumers";
import vm from "node:vm";
import * as webhooks from "@dealix/webhooks";
import * as replay from "@dealix/webhooks/replay";
import * as testing from "@dealix/webhooks/testing";
import { runSuite } from "../suite/index.mjs";

const otherRealm = vm.runInNewContext("({ Uint8Array })");
console.log(
  JSON.stringify(await runSuite({ webhooks, testing, replay, vectors: await json(process.stdin), otherRealm })),
);
