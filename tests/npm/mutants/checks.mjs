// The tests that judge a mutant: short ones that look closely at what is mutated. A file is imported when it is needed.
import vm from "node:vm";
import * as webhooks from "@dealix/webhooks";
import * as replay from "@dealix/webhooks/replay";
import * as testing from "@dealix/webhooks/testing";
import { testsOf, inContext } from "./collector.mjs";

const FILES = ["core-limits", "node-handler", "limits", "middleware", "late-secret", "lambda", "shapes", "frameworks"];
/** For seconds they exhaust the stack, measure memory, or wait: what they look at is elsewhere, or other tests see it sooner. */
const TOO_LONG = /loaded again|^memory: |100 MB|long body|goes on sending|long verification/;
const BATCHES = 8;
const CASES_IN_BATCH = 50;

const SOURCES = {
  async suite() {
    const [{ suite }, { vectors }] = [await import("../suite/index.mjs"), await import("../runtimes/vectors.mjs")];
    return suite({ webhooks, testing, replay, vectors, otherRealm: vm.runInNewContext("({ Uint8Array })") });
  },

  async fuzz() {
    const [{ caseOf }, { checker }] = [await import("../fuzz/cases.mjs"), await import("../fuzz/check.mjs")];
    const run = async (batch) => {
      const check = checker(webhooks);
      for (let number = 0; number < CASES_IN_BATCH; number += 1) await check(caseOf(batch * CASES_IN_BATCH + number));
    };
    return Array.from({ length: BATCHES }, (_, batch) => ({ name: `batch ${batch}`, run: () => run(batch) }));
  },

  async properties() {
    const parts = ["bits", "reentry", "streams"].map(async (name) => (await import(`../properties/${name}.mjs`))[name]);
    const all = (await Promise.all(parts)).flatMap((part) => Object.entries(part(webhooks)));
    return all.map(([name, run]) => ({ name, run: () => inContext(run) }));
  },

  ...Object.fromEntries(FILES.map((file) => [file, () => testsOf(new URL(`../${file}.test.mjs`, import.meta.url))])),
};

const loaded = new Map();

/** All tests, each as its source and its number there. */
export async function allChecks() {
  const all = [];
  for (const source of Object.keys(SOURCES)) {
    for (const [number, { name }] of (await checksOf(source)).entries())
      if (!TOO_LONG.test(name)) all.push({ source, number, name });
  }
  return all;
}

export async function loadCheck({ source, number }) {
  return (await checksOf(source))[number].run;
}

async function checksOf(source) {
  if (!loaded.has(source)) loaded.set(source, await SOURCES[source]());
  return loaded.get(source);
}
