import assert from "node:assert/strict";
import { test } from "node:test";

/** Reports what `runSuite` found in another runtime, a test for each check; returns how many there were. */
export function report(where, results) {
  for (const { name, error } of results) test(`${where}: ${name}`, () => assert.ok(error === undefined, error));
  assert.ok(results.length > 30, `the suite ran ${results.length} checks in ${where}`);
  return results.length;
}
