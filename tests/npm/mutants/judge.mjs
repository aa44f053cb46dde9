// A process that runs tests on mutants and reports to its parent: until one fails, or all have passed.
import { allChecks, loadCheck } from "./checks.mjs";

const namespace = (globalThis.__stryker__ ??= {});
const LATE = new Error("not within its time");

/** Fails the test that is running. */
let interrupt = () => {};
process.on("uncaughtException", (error) => interrupt(error));

async function judge({ mutant, checks, isOneOfMany }) {
  // For one of many, what a file does when it is loaded must not depend on the mutant that happens to be first.
  activate(isOneOfMany ? undefined : mutant);
  const runs = [];
  try {
    for (const check of checks) runs.push(await loadCheck(check));
  } catch (error) {
    return { failed: "the tests are loaded", error: textOf(error) };
  }
  activate(mutant);
  Object.assign(namespace, { hitCount: 0, hitLimit: Infinity });
  for (const [at, check] of checks.entries()) {
    const run = runs[at];
    namespace.currentTestId = `${at}`;
    const from = performance.now();
    const { error, isStray } = await outcome(run, check.limit);
    if (error !== undefined) {
      const isConfirmed = isOneOfMany && !isStray && error !== LATE && (await passesWithout(run, check.limit));
      return { failed: check.name, isLate: error === LATE, isStray, isConfirmed, error: textOf(error) };
    }
    check.ms = performance.now() - from;
  }
  return {
    failed: null,
    ms: checks.map(({ ms }) => ms),
    covered: checks.map((_, at) => covered(`${at}`)),
    hits: namespace.hitCount,
  };
}

const textOf = (error) => String(error?.stack ?? error);

/** In this process, and in those that a test starts. */
function activate(mutant) {
  namespace.activeMutant = mutant;
  if (mutant === undefined) delete process.env.__STRYKER_ACTIVE_MUTANT__;
  else process.env.__STRYKER_ACTIVE_MUTANT__ = mutant;
}

/** What a test failed for: its own error, one that nobody caught, or that it did not come to an end. */
async function outcome(run, limit) {
  let timer;
  const others = new Promise((resolve) => {
    interrupt = (error) => resolve({ error: error ?? LATE, isStray: true });
    timer = setTimeout(resolve, limit, { error: LATE });
  });
  const own = (async () => run())().then(
    () => ({}),
    (error) => ({ error: error ?? new Error("nothing") }),
  );
  try {
    return await Promise.race([own, others]);
  } finally {
    clearTimeout(timer);
    interrupt = () => {};
  }
}

/** Whether it was the mutant that the test failed for, and not what is left of those before. */
async function passesWithout(run, limit) {
  activate(undefined);
  return (await outcome(run, limit)).error === undefined;
}

/** The mutants whose code has run before the tests, and while the test with this number ran. */
function covered(number) {
  const { static: before, perTest } = namespace.mutantCoverage ?? {};
  return Object.keys({ ...before, ...perTest?.[number] });
}

/** All tests, and the mutants whose code has run when the package is loaded. */
async function list() {
  const loaded = covered();
  return { checks: await allChecks(), loaded };
}

process.on("disconnect", () => process.exit());
process.on("message", async (task) => process.send(task.checks ? await judge(task) : await list()));
process.send("ready");
