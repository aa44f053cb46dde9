// One suite for every runtime. A runner passes the package as it imported it, the vectors, and what the runtime has; it
// gets back a list of named checks to run.
import { badInput } from "./bad-input.mjs";
import { diagnosis } from "./diagnose.mjs";
import { events } from "./events.mjs";
import { handlers } from "./handlers.mjs";
import { hashing } from "./hashing.mjs";
import { headers } from "./headers.mjs";
import { interruption } from "./interruption.mjs";
import { replay } from "./replay.mjs";
import { requests } from "./requests.mjs";
import { vectors } from "./vectors.mjs";
import { verdicts } from "./verdicts.mjs";

/**
 * `environment.webhooks`, `environment.testing`, `environment.replay`: the package's entries. `environment.vectors`:
 * the vector files by name. `environment.otherRealm`: constructors of another realm, in runtimes that have more than
 * one.
 */
export function suite(environment) {
  return [
    vectors,
    verdicts,
    hashing,
    headers,
    badInput,
    events,
    requests,
    handlers,
    diagnosis,
    replay,
    interruption,
  ].flatMap((part) => Object.entries(part(environment)).map(([name, run]) => ({ name: `${part.name}: ${name}`, run })));
}

/** Runs the suite without a test runner; the results can be sent as JSON. */
export async function runSuite(environment) {
  const results = [];
  for (const { name, run } of suite(environment)) {
    try {
      await run();
      results.push({ name });
    } catch (error) {
      // Only in V8 does a stack contain the message.
      results.push({ name, error: `${error}\n${error?.stack}` });
    }
  }
  return results;
}
