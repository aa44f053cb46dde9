// One operation: a database, endpoints, workers, traffic, and what each of them must agree on.
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Endpoints } from "./endpoints.mjs";
import { startDatabases } from "./postgres.mjs";
import { Sender, metricOf } from "./sender.mjs";
import { Traffic } from "./traffic.mjs";

export const LEASE_SECONDS = 20;
/** Each of these must be the same in the workers' metrics and in the endpoints' log. */
const COMPARED = ["delivered", "answered_4xx", "answered_5xx"];
const SETTLES_WITHIN_MS = 30_000;

export class Bed {
  endpoints = new Endpoints();
  workers = [];
  /** What was not as it must be, each as a sentence. */
  faults = [];
  checks = 0;
  /** The alarms that had to come: type, endpoint, and when that was known. */
  expected = [];
  /** From when until when deliveries may arrive again, and why. */
  repeats = [];
  keys = { old: key(), new: key() };
  #offsets = Object.fromEntries(COMPARED.map((outcome) => [outcome, 0]));
  #ended = [];

  /** `minute` is how long one of the story's minutes takes, in seconds. */
  constructor(minute) {
    this.minute = minute;
    this.overdueBy = Math.max(3 * minute, 15);
    // An endpoint that hangs until it is overdue, and that is told, must not be failing for so long.
    this.failingFor = Math.max(5 * minute, this.overdueBy + 75);
  }

  async start() {
    this.postgres = await startDatabases();
    this.folder = mkdtempSync(join(tmpdir(), "dealix-operate-"));
    this.postgres.create("first");
    await this.endpoints.start();
    const config = join(this.folder, "sender.toml");
    writeFileSync(config, this.#config(), { mode: 0o600 });
    this.sender = new Sender(process.env.DEALIX_SENDER, this.folder, {
      DEALIX_CONFIG: config,
      DEALIX_DATABASE: this.postgres.url("first"),
      DEALIX_SECRETS_KEY: this.keys.old,
    });
  }

  #config() {
    return [
      'log-filter = "info"',
      "[work]",
      "local = true",
      'timeout = "4s"',
      `lease = "${LEASE_SECONDS}s"`,
      `alarm-failing-for = "${this.failingFor}s"`,
      `alarm-overdue-by = "${this.overdueBy}s"`,
      "[subscriptions.add]",
      "local = true",
      "[subscriptions.ping]",
      "local = true",
    ].join("\n");
  }

  startTraffic() {
    const customers = () => [
      ...new Set(this.endpoints.all.filter(({ isIdle }) => !isIdle).map(({ customerId }) => customerId)),
    ];
    this.traffic = new Traffic(this.sender, customers);
  }

  async stop() {
    await this.traffic?.stop();
    await Promise.all(this.workers.map((worker) => worker.kill()));
    this.endpoints.stop();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** An endpoint, and its subscription. */
  async subscribe(name, customerId = `cus_${name}`) {
    const endpoint = this.endpoints.add(name, key());
    endpoint.customerId = customerId;
    endpoint.since = Date.now();
    const words = ["subscriptions", "add", "--customer", customerId, "--to", endpoint.url];
    const { id } = await this.sender.run(words, { env: { DEALIX_WEBHOOK_SECRET: endpoint.secret } });
    endpoint.subscriptionId = id;
    return endpoint;
  }

  async startWorker() {
    this.workers.push(await this.sender.startWorker());
  }

  async endWorker(worker, how) {
    this.workers = this.workers.filter((one) => one !== worker);
    await worker[how]();
    this.#ended.push(worker.attempts);
  }

  /** Replaces each worker by a new one, as an upgrade does, and one after the other. */
  async replaceWorkers() {
    for (const worker of [...this.workers]) {
      await this.startWorker();
      await this.endWorker(worker, "stop");
    }
    await this.rebase();
  }

  minutes(number) {
    return sleep(number * this.minute * 1000);
  }

  check(isMet, what) {
    this.checks += 1;
    if (!isMet) this.#fault(what);
    return isMet;
  }

  equal(seen, wanted, what) {
    const [one, other] = [seen, wanted].map((value) => JSON.stringify(value));
    return this.check(one === other, `${what}: ${one} instead of ${other}`);
  }

  #fault(what) {
    this.faults.push(`${this.step}: ${what}`);
    process.stderr.write(`    NOT SO: ${what}\n`);
  }

  /** Waits until something is so, and says so if that takes too long. */
  async until(what, isSo, seconds) {
    this.checks += 1;
    const end = Date.now() + seconds * 1000;
    while (!(await isSo())) {
      if (Date.now() > end) return this.#fault(`${what}: not within ${seconds} s`);
      await sleep(200);
    }
  }

  /** Waits for an alarm about an endpoint, or about the queue. */
  async alarm(type, endpoint, seconds) {
    const known = Date.now();
    const subject = endpoint?.subscriptionId;
    const before = this.expected.filter((one) => one.type === type && one.subject === subject).length;
    this.expected.push({ type, subject });
    const come = () => this.alarms(type, subject).length > before;
    await this.until(`${type} of ${endpoint?.name ?? "the queue"}`, come, seconds);
    this.expected.at(-1).tookMs = Date.now() - known;
  }

  /** The alarms that came, each once. */
  alarms(type, subject) {
    const events = new Map(this.operator.attempts.filter(isDelivered).map(({ event }) => [event.id, event]));
    return [...events.values()].filter(
      (event) => event.type === type && (subject === undefined || event.data.subscription_id === subject),
    );
  }

  /** While nothing is queued: the workers' metrics, the queue's counts, and `doctor` say what the endpoints' log says. */
  async truth({ doctor = {} } = {}) {
    await this.traffic.held(async () => {
      let seen;
      const agree = async () => {
        seen = await this.#difference();
        return Object.values(seen).every((number) => number === 0);
      };
      const end = Date.now() + SETTLES_WITHIN_MS;
      while (!(await agree()) && Date.now() < end) await sleep(200);
      this.equal(Object.fromEntries(Object.entries(seen).filter(([, number]) => number !== 0)), {}, "off by");
    });
    await this.doctor(doctor);
    for (const worker of this.workers) this.check(await worker.isReady(), `worker ${worker.number} is ready`);
  }

  /** By how much each of the sender's figures differs from the endpoints' log. */
  async #difference() {
    const metrics = await Promise.all(this.workers.map((worker) => worker.metrics()));
    const depth = await this.sender.run(["depth"]);
    const pending = this.#pending();
    const differences = Object.entries(this.#counted()).map(([outcome, n]) => [
      outcome,
      n + this.#offsets[outcome] - this.#logged(outcome),
    ]);
    for (const endpoint of this.endpoints.all.filter(({ isSteady }) => isSteady)) {
      const words = ["deliveries", "--count", "--state", "pending", "--subscription", endpoint.subscriptionId];
      const { count } = await this.sender.run(words);
      differences.push([`pending for ${endpoint.name}`, count - pending(endpoint)]);
    }
    for (const one of metrics) {
      differences.push(["pending by metrics", metricOf(one, "dealix_queue_pending") - depth.pending]);
      differences.push(["dead letters by metrics", metricOf(one, "dealix_queue_dead_letters") - depth.dead_letters]);
    }
    return Object.fromEntries(differences);
  }

  #pending() {
    const { queued } = this.traffic;
    return ({ customerId, since, arrived }) =>
      queued.filter((event) => event.customerId === customerId && event.at >= since && !arrived.has(event.id)).length;
  }

  #counted() {
    const all = [...this.#ended, ...this.workers.map(({ attempts }) => attempts)];
    return Object.fromEntries(
      COMPARED.map((outcome) => [outcome, all.reduce((sum, attempts) => sum + (attempts[outcome] ?? 0), 0)]),
    );
  }

  #logged(outcome) {
    const attempts = this.endpoints.all.flatMap((endpoint) => endpoint.attempts);
    return attempts.filter((attempt) => attempt.outcome === outcome && !isPing(attempt)).length;
  }

  /** Counts from here, because a worker has ended, and with it what it had counted since its metrics were read. */
  async rebase() {
    await this.traffic.held(async () => {
      let before;
      let now = "";
      while (now !== before) {
        before = now;
        await sleep(2000);
        await Promise.all(this.workers.map((worker) => worker.metrics()));
        now = JSON.stringify([this.#counted(), COMPARED.map((outcome) => this.#logged(outcome))]);
      }
      const counted = this.#counted();
      for (const outcome of COMPARED) this.#offsets[outcome] = this.#logged(outcome) - counted[outcome];
    });
  }

  /** Compares what `doctor` does not find in order with what is not. */
  async doctor(wanted, options) {
    const { code, printed } = await this.sender.try(["doctor"], options);
    const seen = Object.fromEntries(
      printed.filter(({ state }) => !["ok", "skipped"].includes(state)).map(({ check, state }) => [check, state]),
    );
    this.equal(sorted(seen), sorted(wanted), "doctor");
    this.equal(code, Object.values(wanted).includes("failed") ? 1 : 0, "doctor’s exit code");
    return printed;
  }

  /** Deliveries may arrive again from now on, for so long. */
  mayRepeat(why, seconds) {
    this.repeats.push({ why, from: Date.now(), to: Date.now() + seconds * 1000, count: 0 });
  }

  logs() {
    const files = readdirSync(this.folder).filter((name) => name.endsWith(".log"));
    return files.map((name) => readFileSync(join(this.folder, name), "utf8")).join("");
  }
}

/** A ping is no attempt of a worker. */
const isPing = ({ event }) => event?.type === "dealix.ping";

export const isDelivered = ({ outcome }) => outcome === "delivered";

function sorted(object) {
  return Object.entries(object).sort();
}

function key() {
  return randomBytes(32).toString("hex");
}
