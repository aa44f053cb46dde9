// What must be so at the end: everything arrived, nothing came twice without a reason, and no alarm was false.
import { isDelivered } from "./bed.mjs";
import { told } from "./story.mjs";

export async function outcomeOf(bed) {
  bed.step = "at the end";
  const pending = await allArrived(bed);
  const again = repeated(bed);
  alarms(bed);
  bed.equal(bed.endpoints.refused, [], "deliveries that did not verify");
  const logs = bed.logs();
  const secrets = [...Object.values(bed.keys), ...bed.endpoints.all.map(({ secret }) => secret)];
  bed.equal(secrets.filter((secret) => logs.includes(secret)).length, 0, "secrets in the logs");
  bed.check(!/panicked/.test(logs), "no worker panicked");
  const { queued, refusals } = bed.traffic;
  const attempts = bed.endpoints.all.flatMap((endpoint) => endpoint.attempts);
  return {
    events: queued.length,
    batchesRefused: refusals,
    attempts: attempts.length,
    delivered: attempts.filter(isDelivered).length,
    again,
    pending,
    alarms: bed.expected.map(({ type, tookMs }) => ({ type, seconds: Math.round(tookMs / 100) / 10 })),
    deadLettersTold: told(bed, bed.rejects),
    checks: bed.checks,
    faults: bed.faults,
  };
}

/** What was lost with the database, between the backup and the restore, is not awaited. */
async function allArrived(bed) {
  const { backedUpAt, restoredAt, traffic } = bed;
  const isKept = ({ at }) => !(at >= backedUpAt - 2000 && at <= restoredAt);
  const waiting = await bed.sender.run(["deliveries", "--state", "pending", "--limit", "100000"]);
  const isWaiting = new Set(waiting.filter(isRetry).map((one) => `${one.subscription_id} ${one.event_id}`));
  const missing = bed.endpoints.all
    .filter(({ subscriptionId, removedAt }) => subscriptionId !== undefined && removedAt === undefined)
    .flatMap(({ name, subscriptionId, customerId, since, arrived }) => {
      const queued = traffic.queued.filter((event) => event.customerId === customerId && event.at >= since);
      const lost = queued.filter((event) => isKept(event) && !arrived.has(event.id));
      return lost.filter(({ id }) => !isWaiting.has(`${subscriptionId} ${id}`)).map(({ id }) => `${id} for ${name}`);
    });
  bed.equal(missing, [], "events that did not arrive");
  return isWaiting.size;
}

/** Whether it has failed and waits for its next attempt. */
function isRetry({ attempts, next_attempt_at: at }) {
  return attempts > 0 && at > Date.now() / 1000;
}

/** How many deliveries arrived again, by what explains it. */
function repeated(bed) {
  for (const { name, attempts } of bed.endpoints.all) {
    const seen = new Set();
    for (const { id, at } of attempts.filter(isDelivered)) {
      if (seen.has(id)) {
        const reason = bed.repeats.find(({ from, to }) => from <= at && at <= to);
        if (bed.check(reason !== undefined, `${id} came to ${name} again at ${new Date(at).toISOString()}`))
          reason.count += 1;
      }
      seen.add(id);
    }
  }
  return Object.fromEntries(bed.repeats.map(({ why, count }) => [why, count]));
}

function alarms(bed) {
  const come = new Map(bed.operator.attempts.filter(isDelivered).map(({ event }) => [event.id, event]));
  const left = bed.expected.map(({ type, subject }) => `${type} ${subject ?? ""}`);
  for (const { type, data } of come.values()) {
    if (type === "dealix.dead_letters") continue;
    const which = left.indexOf(`${type} ${data.subscription_id ?? ""}`);
    if (bed.check(which >= 0, `a false alarm: ${type} ${JSON.stringify(data)}`)) left.splice(which, 1);
  }
  bed.equal(left, [], "alarms that did not come");
}
