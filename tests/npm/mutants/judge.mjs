// A process that runs tests on mutants and reports to its parent: until one fails, or all have passed.
import { allChecks, loadCheck } from "./checks.mjs";

const namespace = (globalThis.__stryker__ ??= {});
const LATE = new Error("not within its time");

async function judge({ mutant, checks, isOneOfMany }) {
  Object.assign(namespace, { activeMutant: mutant, hitCount: 0, hitLimit: Infinity });
  for (const check of checks) {
    const run = await loadCheck(check);
    const from = performance.now();
    try {
      await inTime(check.limit, run());
    } catch (error) {
      const isConfirmed = isOneOfMany === true && error !== LATE && (await passesWithout(run, check.limit));
      return { failed: check.name, isLate: error === LATE, error: String(error?.stack ?? error), isConfirmed };
    }
    check.ms = performance.now() - from;
  }
  return { failed: null, ms: checks.map(({ ms }) => ms), covered: covered(), hits: namespace.hitCount };
}

/** The mutants whose code has run so far. */
function covered() {
  return Object.keys(namespace.mutantCoverage?.static ?? {});
}

/** A mutant may make a test wait for ever. */
function inTime(limit, result) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(reject, limit, LATE)));
  return Promise.race([result, late]).finally(() => clearTimeout(timer));
}

/** Whether it was the mutant that the test failed for, and not what is left of those before. */
async function passesWithout(run, limit) {
  namespace.activeMutant = undefined;
  return inTime(limit, run()).then(
    () => true,
    () => false,
  );
}

/** All tests, and what runs when they are loaded. */
async function list() {
  return { checks: await allChecks(), covered: covered() };
}

process.on("message", async (task) => process.send(task.checks ? await judge(task) : await list()));
process.send("ready");
