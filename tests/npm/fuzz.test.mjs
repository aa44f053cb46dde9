// Random deliveries, judged by the packed package and by a naive reading of docs/contract.md: hashed by node:crypto, by
// wasm, and by whichever the package chooses. DEALIX_FUZZ_CASES says how many, and DEALIX_FUZZ_SEED repeats a run.
import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import * as packed from "@dealix/webhooks";
import { runCases } from "./fuzz/run.mjs";
import { copyWithCrossover } from "./runtimes/crossover.mjs";
import { withFolder } from "./runtimes/folder.mjs";

const CODES = [
  "valid",
  "invalid_envelope",
  "malformed_header",
  "bad_timestamp",
  "missing_v1",
  "stale_signature",
  "signature_mismatch",
];
const cases = Number(process.env.DEALIX_FUZZ_CASES ?? 2500);
const seed = Number(process.env.DEALIX_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
assert.ok(Number.isSafeInteger(cases) && cases > 0, "DEALIX_FUZZ_CASES is a whole number, 1 or more");
assert.ok(Number.isSafeInteger(seed), "DEALIX_FUZZ_SEED is a whole number");

const copies = await withFolder(async (folder) => ({
  "node:crypto": await import(pathToFileURL(await copyWithCrossover(join(folder, "host"), "0"))),
  wasm: await import(pathToFileURL(await copyWithCrossover(join(folder, "wasm"), "Infinity"))),
  "what the package chooses": packed,
}));

for (const [way, webhooks] of Object.entries(copies)) {
  test(`fuzz: random deliveries, hashed by ${way}`, { timeout: 60_000 + cases * 50 }, async () => {
    const verdicts = await runCases(webhooks, seed, cases);
    const seldom = CODES.filter((code) => !((verdicts.get(code) ?? 0) > cases / 1000));
    // A short run, such as a repeated one, need not have seen everything.
    if (cases >= 2000) assert.deepEqual(seldom, [], "each verdict is right for at least one delivery in 1,000");
  });
}
