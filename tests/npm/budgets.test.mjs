// Size and memory are exact, so exceeding a budget fails here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleBytes, installed } from "./bench/sizes.mjs";
import { BUNDLE_LIMITS, MEMORY_BYTES, PACKAGES, UNPACKED_LIMIT } from "./budgets.mjs";
import { program, run, script } from "./runtimes/process.mjs";

for (const [name, limits] of Object.entries(BUNDLE_LIMITS)) {
  for (const [target, limit] of Object.entries(limits)) {
    test(`a production bundle of ${name} for ${target}`, async () =>
      within(await bundleBytes("@dealix/webhooks", name, target), limit, "bytes, gzipped"));
  }
}

for (const way of ["host", "wasm"]) {
  test(`wasm memory after 100 MB, hashed by ${way === "host" ? "node:crypto" : "wasm"}`, async () => {
    const bytes = Number(await run(program("node-24/bin/node"), [script("../bench/memory.mjs"), way]));
    assert.ok(bytes > 0, "a wasm module was started");
    within(bytes, MEMORY_BYTES - 1, "bytes of wasm memory");
  });
}

test("what an install brings", () => {
  const { packages, bytes } = installed("@dealix/webhooks");
  assert.equal(packages, PACKAGES, "packages");
  within(bytes, UNPACKED_LIMIT, "bytes on disk");
});

function within(measured, limit, what) {
  assert.ok(
    measured <= limit,
    `${measured} ${what}, ${measured - limit} over the limit of ${limit}: take something out, or argue for more in tests/npm/budgets.mjs`,
  );
}
