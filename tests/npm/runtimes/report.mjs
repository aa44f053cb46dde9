import assert from "node:assert/strict";
import { test } from "node:test";

/** Reports what `runSuite` found in another runtime, a test for each check. */
export function report(results) {
  assert.ok(results.length > 30, `the suite ran ${results.length} checks`);
  for (const { name, error } of results) test(name, () => assert.ok(error === undefined, error));
}
