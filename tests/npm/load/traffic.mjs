// Sends every kind of delivery at its rate to some receivers at once: each gets the same ones.
import { setTimeout as wait } from "node:timers/promises";
import { quantile } from "../bench/rounds.mjs";
import { send } from "./client.mjs";
import { deliveryOf, KINDS } from "./deliveries.mjs";
import { residentBytes } from "./memory.mjs";

const TICK_MS = 10;
/** Where more than this wait for a response, because the machine is busy, what is due is left out, for all receivers. */
const MOST_WAITING = 64;
/** Longer than a client waits. */
const PATIENCE_MS = 25_000;

export async function traffic(receivers, seconds, progress) {
  const runs = receivers.map((receiver) => new Run(receiver));
  const sampleSeconds = Math.min(5, seconds / 24);
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const due = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, 0]));
  for (let samples = 1; elapsed() < seconds; await wait(TICK_MS)) {
    for (const [kind, { perSecond }] of Object.entries(KINDS)) {
      for (; due[kind] < perSecond * elapsed(); due[kind] += 1) {
        if (runs.some(({ waiting }) => waiting >= MOST_WAITING)) continue;
        const delivery = deliveryOf(kind);
        // Neither is always the first.
        const order = due[kind] % 2 === 0 ? runs : runs.toReversed();
        for (const run of order) run.begin(kind, delivery);
      }
    }
    if (elapsed() < samples * sampleSeconds) continue;
    samples += 1;
    for (const run of runs) run.sample(elapsed());
    progress(elapsed(), runs);
  }
  await until(() => runs.every((run) => run.waiting === 0 && run.receiver.awaited.size === 0));
  return runs.map((run) => run.result());
}

async function until(isSo) {
  for (const end = Date.now() + PATIENCE_MS; !isSo() && Date.now() < end; ) await wait(50);
}

/** What one receiver gets and does. */
class Run {
  waiting = 0;
  samples = [];
  #counts = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, {}]));
  #times = [];
  #sampledTimes = 0;

  constructor(receiver) {
    this.receiver = receiver;
  }

  async begin(kind, delivery) {
    this.waiting += 1;
    if (kind === "valid") this.receiver.awaited.add(delivery.id);
    const started = performance.now();
    const status = await send(this.receiver, delivery);
    if (kind === "valid") this.#times.push(performance.now() - started);
    this.#counts[kind][status] = (this.#counts[kind][status] ?? 0) + 1;
    this.waiting -= 1;
  }

  sample(seconds) {
    const recent = this.#times.slice(this.#sampledTimes);
    this.#sampledTimes = this.#times.length;
    const p99 = recent.length > 0 ? quantile(recent, 0.99) : null;
    const { pid, usedBytes } = this.receiver;
    this.samples.push({ seconds, memoryBytes: residentBytes(pid), usedBytes, p99 });
  }

  result() {
    const { name, verifies, handled, awaited, strays } = this.receiver;
    const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((part) => quantile(this.#times, part));
    return {
      name,
      verifies,
      counts: this.#counts,
      unanswered: this.waiting,
      handled,
      unhandled: awaited.size,
      strays,
      milliseconds: { p50, p90, p99, max },
      samples: this.samples,
    };
  }
}
