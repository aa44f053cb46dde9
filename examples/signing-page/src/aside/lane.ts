// Runs tasks in a worker, so that the page does not freeze. The worker is the page's own script, started once more: a
// second copy of the package would nearly double the file.
import { type Given, type Result, runTask, type TaskName } from "./tasks.js";

type Answer<Name extends TaskName> = { readonly result: Result<Name> } | { readonly failed: string } | typeof ALIVE;

/** What a worker says first, before any task. */
const ALIVE = "alive";

/** Whether this is the worker. */
export const isAside = typeof document === "undefined";

/** Answers the page, in the worker. */
export function answer(): void {
  addEventListener("message", async ({ data }) => {
    const message = await runTask(data.name as TaskName, data.given).then(
      (result) => ({ result }),
      (error) => ({ failed: String(error) }),
    );
    postMessage(message);
  });
  postMessage(ALIVE);
}

/**
 * Runs one kind of task, one at a time: what is given next stops the run in progress, whose promise then stays
 * pending.
 */
export function lane<Name extends TaskName>(name: Name) {
  let worker: Worker | null = null;
  let isAlive = false;
  let isRunning = false;

  function stop(): void {
    if (isRunning) end();
  }

  function end(): void {
    worker?.terminate();
    worker = null;
    isAlive = isRunning = false;
  }

  function run(given: Given<Name>): Promise<Result<Name>> {
    stop();
    const current = (worker ??= start());
    isRunning = true;
    return new Promise((resolve, reject) => {
      current.onmessage = ({ data }: MessageEvent<Answer<Name>>) => {
        if (data === ALIVE) return void (isAlive = true);
        isRunning = false;
        if ("result" in data) resolve(data.result);
        else reject(new Error(data.failed));
      };
      current.onerror = (event) => {
        event.preventDefault();
        const { message } = event;
        const hasRun = isAlive;
        end();
        if (message) console.error(message);
        // A host's own policy may forbid workers: then the page waits.
        if (hasRun) reject(new Error(message));
        else resolve(runTask(name, given));
      };
      current.postMessage({ name, given });
    });
  }

  return { run, stop };
}

let address: string | null = null;

function start(): Worker {
  const script = document.querySelector('script[type="module"]')?.textContent ?? "";
  // From a file, Chromium starts no worker that is a module.
  address ??= URL.createObjectURL(new Blob(['"use strict";', script], { type: "text/javascript" }));
  return new Worker(address);
}
