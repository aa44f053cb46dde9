// Judges mutants: a quick look in a process that judges many, and a process of its own for each that passes.
import { availableParallelism } from "node:os";
import { startJudge } from "./process.mjs";

/** How long a test may take compared with what it takes without a mutant, on a machine that does other things too. */
const PATIENCE = 10;
const LEAST_MS = 3000;
/** How long each test in the quick look may take, and how many there are. */
const QUICK_MS = 1000;
const QUICK_COUNT = 40;
/** A test that failed so often after others, without a mutant, is left out of the quick look. */
const STRIKES = 2;
/** What survivors.json explains needs no close look, which takes longest for what survives. */
const EXPLAINED = { status: "survived", by: "survivors.json explains it" };

/** All tests, and the mutants whose code runs when the package is loaded. */
export async function listChecks() {
  const { checks, loaded, error } = await askOnce({}, 0);
  if (checks === undefined) throw new Error(`the tests cannot be loaded: ${error}`);
  return { checks, loaded: new Set(loaded) };
}

/** Runs the tests without a mutant, and notes how long each takes and which mutants' code it reaches. */
export async function measure(checks) {
  const run = async (own) => {
    const limit = 60_000;
    const answer = await askOnce({ checks: own.map((check) => ({ ...check, limit })) }, limit * own.length);
    if (answer.failed !== null) throw new Error(`without a mutant, "${answer.failed}" fails: ${answer.error}`);
    for (const [at, check] of own.entries())
      Object.assign(check, { ms: answer.ms[at], covered: new Set(answer.covered[at]) });
  };
  await pooled(bySource(checks), () => ({ run, end() {} }));
}

function bySource(checks) {
  const sources = new Set(checks.map(({ source }) => source));
  return Array.from(sources, (source) => checks.filter((check) => check.source === source));
}

/** Judges mutants of all that there are, one at a time. */
export function judgeOf({ all, checks, loaded }) {
  const quick = quickLook();
  const reachingOf = testsReaching(all, checks, loaded);
  const run = async (mutant) => {
    const reaching = reachingOf(mutant);
    if (reaching.length === 0) return { status: "survived", by: "no test reaches it" };
    const look = loaded.has(mutant.id) ? { passed: [] } : await quick.run(mutant, reaching);
    if (look.isKilled) {
      credit(look.failed, mutant);
      return { status: "killed", by: look.failed.name, error: look.error };
    }
    if (mutant.isExplained) return EXPLAINED;
    const first = reaching.filter(
      (check) => check === look.failed || (loaded.has(mutant.id) && killsOf(check, mutant)),
    );
    const early = await closeLook(mutant, first);
    if (early.status !== "survived") return early;
    return closeLook(
      mutant,
      reaching.filter((check) => !look.passed?.includes(check) && !first.includes(check)),
    );
  };
  return { run, end: quick.end };
}

/** Which tests reach a mutant. Code that runs when the package is loaded is reached by those that reach the rest of its file. */
function testsReaching(all, checks, loaded) {
  const isReached = (id, { covered }) => covered.has(id);
  return ({ id, file }) => {
    if (!loaded.has(id)) return checks.filter((check) => isReached(id, check));
    const ofFile = all.filter((other) => other.file === file && !loaded.has(other.id));
    return checks.filter((check) => ofFile.some((other) => isReached(other.id, check)));
  };
}

/**
 * Many mutants in one process, which would take most of the time to start. A kill counts if the same test passes again
 * without the mutant, and what passes counts if the mutated code has run: not if that is what runs once in a process.
 */
function quickLook() {
  let judge;
  const end = () => {
    judge?.end();
    judge = undefined;
  };
  const run = async (mutant, reaching) => {
    const quick = reaching.filter(({ ms, strikes = 0 }) => ms < QUICK_MS && strikes < STRIKES);
    quick.sort(byPromise(mutant)).splice(QUICK_COUNT);
    judge ??= startJudge();
    const answer = await judge.ask({ mutant: mutant.id, isOneOfMany: true, ...taskOf(quick, 1) }, limitOf(quick, 1));
    if (answer.failed === null) return { isKilled: false, passed: answer.hits > 0 ? quick : [] };
    const failed = quick.find(({ name }) => name === answer.failed);
    if (answer.isConfirmed) return { isKilled: true, failed, error: answer.error };
    end();
    if (failed !== undefined && !answer.isLate && !answer.isStray) failed.strikes = (failed.strikes ?? 0) + 1;
    return { isKilled: false, failed };
  };
  return { run, end };
}

/** First the tests that noticed most other mutants of the file, then those that reach the least else. */
function byPromise(mutant) {
  return (one, other) => killsOf(other, mutant) - killsOf(one, mutant) || one.covered.size - other.covered.size;
}

const killsOf = ({ kills }, { file }) => kills?.get(file) ?? 0;

/** Lets a test that noticed a mutant judge the next one of its file sooner. */
function credit(check, { file }) {
  check.kills ??= new Map();
  check.kills.set(file, (check.kills.get(file) ?? 0) + 1);
}

/**
 * The tests of one file in one process of their own, and in the file's order; first the file that takes the least time. If a
 * test does not come to an end, it gets three times as long, so that a busy machine kills nothing.
 */
async function closeLook(mutant, checks) {
  const timeOf = (own) => own.reduce((sum, { ms }) => sum + ms, 0);
  for (const own of bySource(checks).sort((one, other) => timeOf(one) - timeOf(other))) {
    const ask = (patience) => askOnce({ mutant: mutant.id, ...taskOf(own, patience) }, limitOf(own, patience));
    const first = await ask(1);
    const { failed, isLate, error } = first.isLate ? await ask(3) : first;
    const noticed = own.find(({ name }) => name === failed);
    if (noticed !== undefined) credit(noticed, mutant);
    if (failed !== null) return { status: isLate ? "timed out" : "killed", by: failed, error };
  }
  return { status: "survived", by: "all tests pass" };
}

async function askOnce(task, limit) {
  const judge = startJudge(task.mutant);
  try {
    return await judge.ask(task, limit);
  } finally {
    judge.end();
  }
}

const limitOfOne = ({ ms }, patience) => patience * (LEAST_MS + PATIENCE * ms);
const limitOf = (checks, patience) => checks.reduce((sum, check) => sum + limitOfOne(check, patience), 0);
const taskOf = (checks, patience) => ({
  checks: checks.map((check) => {
    const { source, number, name } = check;
    return { source, number, name, limit: limitOfOne(check, patience) };
  }),
});

/** Runs for each of a list, some more at once than there are processors, since tests also wait. */
export async function pooled(list, workerOf) {
  const left = list.values();
  const work = async ({ run, end }) => {
    for (const one of left) await run(one);
    end();
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, () => work(workerOf())));
}
