// In place of node:test: keeps the tests of the file that is being imported, to be run one by one.
import { mock } from "node:test";

export { mock };

let collected = [];

/** The tests that importing a file defines. */
export async function testsOf(url) {
  collected = [];
  await import(url);
  return collected;
}

export function test(name, ...rest) {
  collected.push({ name, run: () => inContext(rest.at(-1)) });
}

/** Runs a test with those parts of its context that the tests use. */
export async function inContext(run) {
  const cleanUps = [() => mock.restoreAll()];
  const { signal } = new AbortController();
  try {
    await run({ mock, signal, diagnostic() {}, after: (cleanUp) => cleanUps.push(cleanUp) });
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}
