// Gives test files `collector.mjs` in place of node:test.
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

if (isMainThread) register(import.meta.url);

const collector = new URL("collector.mjs", import.meta.url).href;

export function resolve(specifier, context, next) {
  const isForTests = specifier === "node:test" && context.parentURL !== collector;
  return isForTests ? { url: collector, shortCircuit: true } : next(specifier, context);
}
