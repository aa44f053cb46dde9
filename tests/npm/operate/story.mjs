// What happens to the sender, and when, in minutes of an hour.
import { setTimeout as sleep } from "node:timers/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LEASE_SECONDS } from "./bed.mjs";

/** Workers look for alarms every 10 s. */
const LOOK_SECONDS = 25;
/** Dead letters are told at most once a minute, some 30 s afterwards. */
const DEAD_LETTERS_SECONDS = 130;
const dump = join(import.meta.dirname, "../../fixtures/queue-2.postgres.sql");

export const STORY = [
  [0, "an upgrade: tables of version 2 are migrated", upgrade],
  [1, "all is well", (bed) => bed.truth()],
  [3, "the key that seals the secrets is replaced, and all workers with it", rotateKey],
  [7, "an endpoint fails for less than the alarm’s time", flap],
  [10, "an endpoint dies", die],
  [16.5, "its alarm has come", isFailing],
  [18, "it comes back", comeBack],
  [20, "an endpoint says 410, and is enabled again", gone],
  [24, "an endpoint rejects what it gets, which is replayed later", reject],
  [28, "an endpoint is removed in the middle of an attempt", remove],
  [29, "an endpoint hangs", hang],
  [34, "its secret is replaced, and it is pinged", rotateSecret],
  [35, "an endpoint is paused for longer than anything may be overdue", pause],
  [40, "a worker is killed", killWorker],
  [42, "a worker is suspended", suspendWorker],
  [44, "the database crashes and is back", crash],
  [46, "the operator’s own endpoint fails", operatorFails],
  [50, "the database is restored from a backup", restore],
  [59, "all is well again", (bed) => bed.truth()],
];

async function upgrade(bed) {
  const then = "http://127.0.0.1:18999";
  const old = ["works", "later", "down", "hangs", "refuses", "rotated", "gone"];
  for (const name of old) Object.assign(bed.endpoints.add(`old_${name}`, "whsec_of_the_tests"), { isIdle: true });
  const url = bed.endpoints.all[0].url.replace("works", "");
  bed.postgres.sql("first", readFileSync(dump, "utf8").replaceAll(`${then}/`, url));
  // Nothing has been failing, and nothing overdue, since the fixture was made.
  const now = "extract(epoch FROM now())::bigint * 1000";
  bed.postgres.sql("first", "UPDATE dealix_subscriptions SET failing_since = NULL");
  bed.postgres.sql("first", `UPDATE dealix_deliveries SET due_ms = ${now} WHERE state = 'pending'`);
  const { code, complaint } = await bed.sender.try(["work"]);
  bed.check(code === 1 && complaint.includes("migrate"), `a worker with older tables says what to do: ${complaint}`);
  await bed.sender.run(["migrate"]);
  await bed.doctor({ secrets: "warning" });
  await bed.sender.run(["secrets", "rekey"]);
  bed.operator = await bed.subscribe("operator", "dealix:operator");
  bed.operator.isIdle = true;
  const names = ["steady", "flaps", "dies", "gone", "rejects", "removed", "hangs", "rotated", "paused", "late"];
  for (const name of names) bed[name] = await bed.subscribe(name);
  bed.second = await bed.subscribe("second", bed.steady.customerId);
  for (const name of ["steady", "second", "flaps", "dies", "hangs", "rotated", "paused"]) bed[name].isSteady = true;
  await bed.startWorker();
  await bed.startWorker();
  bed.startTraffic();
  for (const name of ["works", "later", "down", "hangs"]) {
    const { arrived } = bed.endpoints.all.find((endpoint) => endpoint.name === `old_${name}`);
    await bed.until(`what was pending for ${name} in version 2 arrived`, () => arrived.size === 1, 30);
  }
}

async function rotateKey(bed) {
  const { old, new: next } = bed.keys;
  bed.sender.env.DEALIX_SECRETS_KEY = `${next},${old}`;
  await bed.replaceWorkers();
  await bed.doctor({});
  const [, { printed }] = await Promise.all([bed.minutes(0.2), bed.sender.try(["secrets", "rekey"])]);
  bed.check(printed !== null, "the secrets are sealed with the new key");
  bed.sender.env.DEALIX_SECRETS_KEY = next;
  await bed.replaceWorkers();
  const status = await bed.sender.run(["secrets", "status"]);
  bed.equal(
    [status.clear, Object.keys(status.locked), Object.keys(status.sealed).length],
    [0, [], 1],
    "secrets status",
  );
  const wrong = await bed.sender.try(["work"], { env: { DEALIX_SECRETS_KEY: old } });
  bed.check(wrong.code === 1 && /key/.test(wrong.complaint), `a worker with a wrong key says so: ${wrong.complaint}`);
  await bed.doctor({ secrets: "failed" }, { env: { DEALIX_SECRETS_KEY: old } });
  await bed.truth();
}

async function flap(bed) {
  bed.flaps.answerWith(500, "try later");
  await bed.minutes(2);
  bed.flaps.recover();
  await bed.truth();
}

async function die(bed) {
  bed.dies.goDown();
  bed.diedAt = Date.now();
  await bed.until("it is failing", async () => (await shown(bed, bed.dies)).failing_since !== null, 10);
  await bed.truth();
}

async function isFailing(bed) {
  const left = bed.diedAt / 1000 + bed.failingFor - Date.now() / 1000;
  await bed.alarm("dealix.endpoint.failing", bed.dies, Math.max(0, left) + LOOK_SECONDS);
  const { data } = bed.alarms("dealix.endpoint.failing", bed.dies.subscriptionId)[0] ?? {};
  const off = data === undefined ? "no alarm" : Math.abs(data.failing_since - bed.diedAt / 1000);
  bed.check(off < 10, `the alarm says since when: off by ${off} s`);
  await bed.truth();
}

async function comeBack(bed) {
  bed.dies.recover();
  await bed.alarm("dealix.endpoint.recovered", bed.dies, LOOK_SECONDS);
  await bed.truth();
}

async function gone(bed) {
  const from = aMomentAgo();
  bed.gone.answerWith(410);
  await bed.alarm("dealix.endpoint.disabled", bed.gone, LOOK_SECONDS);
  await bed.minutes(1);
  await enableAgain(bed, bed.gone, from);
}

/** Enables an endpoint that said 410, and delivers what it missed. */
async function enableAgain(bed, endpoint, from) {
  endpoint.recover();
  const { subscriptionId } = endpoint;
  await bed.sender.run(["subscriptions", "enable", subscriptionId]);
  await bed.alarm("dealix.endpoint.enabled", endpoint, LOOK_SECONDS);
  await bed.sender.run(["recover", "--subscription", subscriptionId, "--since", from]);
  await bed.until("what it missed arrives", () => isComplete(bed, endpoint), 30);
  await bed.truth();
}

async function reject(bed) {
  const from = aMomentAgo();
  bed.rejects.answerWith(400, "\u001b[31mno such deal");
  await bed.minutes(1);
  bed.rejects.recover();
  const [letter] = await bed.sender.run(["dead-letters", "--subscription", bed.rejects.subscriptionId, "--limit", "1"]);
  bed.check(bed.rejects.rejected.has(letter.event_id), `a dead letter that it never rejected: ${letter.event_id}`);
  const { attempts } = await bed.sender.run(["deliveries", letter.delivery_id]);
  bed.check(attempts[0].excerpt.body.includes("no such deal"), "the log has what the endpoint said");
  bed.check(!attempts[0].excerpt.body.includes("\u001b"), "what it said is safe for a terminal");
  await bed.until("dealix.dead_letters", () => told(bed, bed.rejects) > 0, DEAD_LETTERS_SECONDS);
  await bed.until("all dead letters are told", () => told(bed, bed.rejects) === bed.rejects.rejected.size, 130);
  await bed.sender.run(["replay", "--subscription", bed.rejects.subscriptionId, "--since", from]);
  await bed.until("what it rejected arrives", () => isComplete(bed, bed.rejects), 30);
  await bed.truth();
}

async function remove(bed) {
  bed.removed.answerAfter(2000);
  await sleep(2500);
  await bed.sender.run(["subscriptions", "remove", bed.removed.subscriptionId]);
  bed.removed.removedAt = Date.now();
  bed.removed.isIdle = true;
  const { removedAt, attempts } = bed.removed;
  await bed.minutes(0.5);
  const late = attempts.filter(({ at }) => at > removedAt + 1000).length;
  bed.equal(late, 0, "attempts after the removal");
  await bed.truth();
}

async function hang(bed) {
  bed.hangs.hang();
  await bed.alarm("dealix.queue.overdue", undefined, bed.overdueBy + 20 + LOOK_SECONDS);
  const [{ data }] = bed.alarms("dealix.queue.overdue");
  bed.equal(
    data.endpoints.map((one) => one.subscription_id),
    [bed.hangs.subscriptionId],
    "who is overdue",
  );
  bed.hangs.recover();
  await bed.alarm("dealix.queue.caught_up", undefined, 60 + LOOK_SECONDS);
  await bed.truth();
}

async function rotateSecret(bed) {
  const { secret, subscriptionId } = bed.rotated;
  const next = `${secret.slice(1)}0`;
  bed.rotated.setSecrets(next, secret);
  await bed.sender.run(["subscriptions", "rotate-secret", subscriptionId], { env: { DEALIX_WEBHOOK_SECRET: next } });
  await sleep(5000);
  bed.rotated.setSecrets(next);
  const ping = await bed.sender.run(["subscriptions", "ping", subscriptionId]);
  bed.equal([ping.success, ping.status_code], [true, 204], "the ping");
  await bed.truth();
}

async function pause(bed) {
  await bed.sender.run(["subscriptions", "pause", bed.paused.subscriptionId]);
  await sleep(2000 + (bed.overdueBy + LOOK_SECONDS) * 1000);
  await bed.truth();
  await bed.sender.run(["subscriptions", "resume", bed.paused.subscriptionId]);
  await bed.until("what waited arrives", () => isComplete(bed, bed.paused), 30);
  await bed.truth();
}

async function killWorker(bed) {
  const [worker] = bed.workers;
  bed.mayRepeat("a worker was killed", LEASE_SECONDS + 15);
  await bed.endWorker(worker, "kill");
  await bed.startWorker();
  await sleep((LEASE_SECONDS + 2) * 1000);
  await bed.rebase();
  await bed.truth();
}

async function suspendWorker(bed) {
  const [worker] = bed.workers;
  bed.mayRepeat("a worker was suspended", LEASE_SECONDS + 30);
  worker.suspend();
  await sleep((LEASE_SECONDS + 5) * 1000);
  worker.resume();
  await sleep(3000);
  await bed.rebase();
  await bed.truth();
}

async function crash(bed) {
  bed.mayRepeat("the database crashed", LEASE_SECONDS + 90);
  await bed.postgres.kill();
  await bed.until("no worker is ready", async () => !(await anyReady(bed)), 40);
  await bed.doctor({ database: "failed" });
  await bed.postgres.resume();
  await bed.until("every worker is ready", () => allReady(bed), 60);
  await sleep(LEASE_SECONDS * 1000);
  await bed.rebase();
  await bed.truth();
}

async function operatorFails(bed) {
  const from = aMomentAgo();
  bed.operator.answerWith(503);
  bed.late.answerWith(410);
  await bed.until("an alarm was tried", () => bed.operator.attempts.at(-1)?.outcome === "answered_5xx", LOOK_SECONDS);
  bed.operator.recover();
  // The first retry is half a minute after the failure.
  await bed.alarm("dealix.endpoint.disabled", bed.late, LOOK_SECONDS + 40);
  await enableAgain(bed, bed.late, from);
}

async function restore(bed) {
  const backup = bed.postgres.backUp("first");
  bed.backedUpAt = Date.now();
  await bed.minutes(1);
  await bed.traffic.held(async () => {
    for (const worker of [...bed.workers]) await bed.endWorker(worker, "stop");
    await bed.doctor({});
    bed.restoredAt = Date.now();
    bed.postgres.create("second");
    bed.postgres.sql("second", backup);
    bed.sender.env.DEALIX_DATABASE = bed.postgres.url("second");
    bed.mayRepeat("the database was restored", 600);
    await bed.startWorker();
    await bed.startWorker();
  });
  await bed.rebase();
}

/** A time for `--since` from which on nothing is missed. */
function aMomentAgo() {
  return new Date(Date.now() - 1000).toISOString();
}

async function shown(bed, endpoint) {
  return (await bed.sender.run(["subscriptions", "show", endpoint.subscriptionId])).subscription;
}

function isComplete(bed, { customerId, since, arrived }) {
  // What was queued a moment ago may still be in flight.
  const settled = Date.now() - 2000;
  const queued = bed.traffic.queued.filter((event) => event.customerId === customerId && event.at >= since);
  return queued.every(({ id, at }) => at > settled || arrived.has(id));
}

/** How many dead letters of an endpoint operators were told of. */
export function told(bed, { subscriptionId }) {
  const endpoints = bed.alarms("dealix.dead_letters").flatMap(({ data }) => data.endpoints);
  return endpoints.filter((one) => one.subscription_id === subscriptionId).reduce((sum, { count }) => sum + count, 0);
}

async function allReady(bed) {
  return (await Promise.all(bed.workers.map((worker) => worker.isReady()))).every(Boolean);
}

async function anyReady(bed) {
  return (await Promise.all(bed.workers.map((worker) => worker.isReady()))).some(Boolean);
}
