// The suite in Node, the package imported.
import { test } from "node:test";
import vm from "node:vm";
import * as webhooks from "@dealix/webhooks";
import * as replay from "@dealix/webhooks/replay";
import * as testing from "@dealix/webhooks/testing";
import { vectors } from "./runtimes/vectors.mjs";
import { suite } from "./suite/index.mjs";

const otherRealm = vm.runInNewContext("({ Uint8Array })");
for (const { name, run } of suite({ webhooks, testing, replay, vectors, otherRealm })) test(`node esm: ${name}`, run);
