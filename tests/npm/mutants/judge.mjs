// A process that runs tests on the mutant that its environment names, until one fails, and reports to its parent.
import { allChecks, runCheck } from "./checks.mjs";

const namespace = (globalThis.__stryker__ ??= {});

/** The mutants whose code has run so far. */
const covered = () => Object.keys(namespace.mutantCoverage?.static ?? {});

async function judge({ checks }) {
  for (const check of checks) {
    const from = performance.now();
    try {
      await inTime(check.limit, runCheck(check));
    } catch (error) {
      return { failed: check.name, isLate: error === LATE, error: String(error?.stack ?? error) };
    }
    check.ms = performance.now() - from;
  }
  return { failed: null, ms: checks.map(({ ms }) => ms), covered: covered() };
}

const LATE = new Error("not within its time");

/** A mutant may make a test wait for ever. */
function inTime(limit, result) {
  return Promise.race([result, new Promise((_, reject) => setTimeout(reject, limit, LATE))]);
}

process.once("message", async (task) => {
  const answer = task.checks ? await judge(task) : await allChecks();
  process.send(answer, () => process.exit(0));
});
process.send("ready");
