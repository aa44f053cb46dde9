// The command as its operator runs it: single commands, and workers that stay.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { json, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/free-port.mjs";

const OUTCOMES = /^dealix_attempts_total\{outcome="(\w+)"\} (\d+)$/gm;

export class Sender {
  /** The variables that every command and worker gets; secrets come from here, never from arguments. */
  env;
  #program;
  #folder;
  #started = 0;

  constructor(program, folder, env) {
    this.#program = program;
    this.#folder = folder;
    this.env = env;
  }

  /** Runs a command, and returns what it printed as JSON. */
  async run(words, options) {
    const { code, printed, complaint } = await this.try(words, options);
    if (code !== 0) throw new Error(`dealix-sender ${words.join(" ")} ended with ${code}: ${complaint}`);
    return printed;
  }

  /** Runs a command that may fail. */
  async try(words, { input = "", env = {} } = {}) {
    const child = spawn(this.#program, [...words, "--json"], { env: { ...process.env, ...this.env, ...env } });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const [printed, complaint, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { code, printed: printed === "" ? null : JSON.parse(printed), complaint };
  }

  async startWorker(words = []) {
    this.#started += 1;
    const worker = new Worker(this.#started, await freePort());
    const log = createWriteStream(join(this.#folder, `worker-${worker.number}.log`));
    await worker.start(this.#program, words, { ...process.env, ...this.env }, log);
    return worker;
  }
}

class Worker {
  /** The attempts by outcome, as its metrics had them when they were last read. */
  attempts = {};
  #address;
  #child;
  #summary;

  constructor(number, port) {
    this.number = number;
    this.#address = `127.0.0.1:${port}`;
  }

  async start(program, words, env, log) {
    const all = ["work", "--listen", this.#address, "--log", "json", "--json", ...words];
    this.#child = spawn(program, all, { env, stdio: ["ignore", "pipe", "pipe"] });
    process.once("exit", this.#end);
    this.#child.stderr.pipe(log);
    this.#summary = json(this.#child.stdout).catch(() => null);
    for (let tries = 0; !(await this.isReady()); tries += 1) {
      if (tries === 300) throw new Error(`worker ${this.number} was not ready within 30 s`);
      await sleep(100);
    }
  }

  #end = () => this.#child.kill("SIGKILL");

  async isReady() {
    const { status } = await fetch(`http://${this.#address}/health/ready`).catch(() => ({ status: 0 }));
    return status === 200;
  }

  async metrics() {
    const response = await fetch(`http://${this.#address}/metrics`);
    const metrics = await response.text();
    this.attempts = Object.fromEntries([...metrics.matchAll(OUTCOMES)].map(([, outcome, n]) => [outcome, Number(n)]));
    return metrics;
  }

  /** Interrupts it, and returns its summary when it has finished its attempts. */
  async stop() {
    await this.metrics();
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
    process.off("exit", this.#end);
    return this.#summary;
  }

  async kill() {
    await this.metrics();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
    process.off("exit", this.#end);
  }

  suspend() {
    this.#child.kill("SIGSTOP");
  }

  resume() {
    this.#child.kill("SIGCONT");
  }
}

/** One value of the metrics, such as `dealix_queue_pending`. */
export function metricOf(metrics, name) {
  const line = metrics.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
