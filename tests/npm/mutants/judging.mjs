// Runs the judge: as it is, to know what each test reaches, and on each mutant.
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const JUDGE = join(import.meta.dirname, "judge.mjs");
const HOOKS = join(import.meta.dirname, "hooks.mjs");
const START_MS = 20_000;
/** How long a test may take compared with what it takes without a mutant, on a machine that does other things too. */
const PATIENCE = 10;
const LEAST_MS = 3000;

/**
 * One process: its answer; or that it ended without one, or that it was ended because it never came to an end.
 */
function ask({ limit, ...task }, mutant) {
  const env = { ...process.env, ...(mutant === undefined ? {} : { __STRYKER_ACTIVE_MUTANT__: mutant }) };
  const execArgv = ["--import", HOOKS, "--max-old-space-size=1000"];
  const child = fork(JUDGE, { env, execArgv, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaint = (complaint + text).slice(-2000)));
  return new Promise((resolve) => {
    let answer;
    const timer = setTimeout(() => {
      answer = { failed: "the process did not end", isLate: true };
      child.kill("SIGKILL");
    }, limit);
    child.on("message", (message) => (message === "ready" ? child.send(task) : (answer = message)));
    child.on("close", () => {
      clearTimeout(timer);
      resolve(answer ?? { failed: "the process broke off", error: complaint });
    });
  });
}

export async function listChecks() {
  const answer = await ask({ limit: 60_000 });
  if (!Array.isArray(answer)) throw new Error(`the tests cannot be loaded: ${answer.error}`);
  return answer;
}

/** Runs each test alone, in a process of its own, and notes how long it takes and which mutants' code it reaches. */
export async function measure(checks) {
  await pooled(checks, async (check) => {
    const limit = 60_000;
    const answer = await ask({ limit: limit + START_MS, checks: [{ ...check, limit }] });
    if (answer.failed !== null) throw new Error(`without a mutant, "${check.name}" fails: ${answer.error}`);
    [check.ms] = answer.ms;
    check.covered = new Set(answer.covered);
  });
}

/**
 * Judges a mutant by the tests that reach it, those of one file in one process and in the file's order. One that a test does
 * not come to an end with is judged again with three times the patience, so that a busy machine kills nothing.
 */
export async function judge(mutant, checks) {
  const reaching = checks.filter(({ covered }) => covered.has(mutant.id));
  if (reaching.length === 0) return { status: "survived", by: "no test reaches it" };
  for (const source of new Set(reaching.map((check) => check.source))) {
    const own = reaching.filter((check) => check.source === source);
    const first = await ask(taskOf(own, 1), mutant.id);
    const answer = first.isLate ? await ask(taskOf(own, 3), mutant.id) : first;
    if (answer.failed !== null)
      return { status: answer.isLate ? "timed out" : "killed", by: answer.failed, error: answer.error?.slice(0, 300) };
  }
  return { status: "survived", by: `passed ${reaching.length} tests` };
}

function taskOf(checks, patience) {
  const limited = checks.map(({ covered, ...check }) => ({ ...check, limit: patience * (LEAST_MS + PATIENCE * check.ms) }));
  return { checks: limited, limit: START_MS + limited.reduce((sum, { limit }) => sum + limit, 0) };
}

/** Runs for each of a list, as many at once as there are processors. */
export async function pooled(list, run) {
  const left = list.values();
  const work = async () => {
    for (const one of left) await run(one);
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));
}
