// A process of `judge.mjs`.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const JUDGE = join(import.meta.dirname, "judge.mjs");
const OPTIONS = {
  execArgv: ["--import", join(import.meta.dirname, "hooks.mjs"), "--max-old-space-size=1000"],
  stdio: ["ignore", "ignore", "pipe", "ipc"],
};
const START_MS = 60_000;

/** `mutant` is active from the start, also while the package is loaded. */
export function startJudge(mutant) {
  const env = { ...process.env, ...(mutant === undefined ? {} : { __STRYKER_ACTIVE_MUTANT__: mutant }) };
  const child = fork(JUDGE, { ...OPTIONS, env });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaint = (complaint + text).slice(-2000)));
  const ended = once(child, "close").then(() => ({ failed: "the process broke off", error: complaint, isOver: true }));
  const ready = once(child, "message");
  const end = () => child.kill("SIGKILL");

  /** The answer; or that the process ended without one, or that it was ended because it did not come to an end. */
  async function ask(task, limit) {
    const timer = setTimeout(end, START_MS + limit);
    try {
      const answer = (async () => {
        await ready;
        child.send(task);
        return (await once(child, "message"))[0];
      })();
      const isLate = () => child.killed;
      const first = await Promise.race([answer, ended]);
      return first.isOver && isLate()
        ? { ...first, failed: "the process did not come to an end", isLate: true }
        : first;
    } finally {
      clearTimeout(timer);
    }
  }
  return { ask, end };
}
