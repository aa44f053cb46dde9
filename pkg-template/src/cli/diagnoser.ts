import { Worker } from "node:worker_threads";
import type { DiagnoseOptions, Diagnosis } from "../testing.js";

/** Bounds the memory: a body may be 1 MiB, and anybody can send forged ones. */
const MOST_WAITING = 8;

interface Job {
  readonly options: DiagnoseOptions;
  resolve(diagnosis: Diagnosis | null): void;
}

/** Diagnoses one delivery after another, in its own thread. */
export class Diagnoser {
  /** The first is in progress. */
  readonly #jobs: Job[] = [];
  #worker: Worker | undefined;

  /** Null if too many are waiting, or the thread failed. */
  diagnose(options: DiagnoseOptions): Promise<Diagnosis | null> {
    if (this.#jobs.length > MOST_WAITING) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#jobs.push({ options, resolve });
      if (this.#jobs.length === 1) this.#next();
    });
  }

  #next(): void {
    const [job] = this.#jobs;
    if (!job) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(job.options);
  }

  #done(diagnosis: Diagnosis | null): void {
    this.#jobs.shift()?.resolve(diagnosis);
    this.#next();
  }

  #start(): Worker {
    // Its standard error is dropped: any warning about the secret was printed when the command started.
    const worker = new Worker(new URL("./cli-diagnosis-thread.js", import.meta.url), { stderr: true });
    worker.unref();
    worker.on("message", (diagnosis: Diagnosis) => this.#done(diagnosis));
    worker.once("error", () => {
      this.#worker = undefined;
      this.#done(null);
    });
    return worker;
  }
}
