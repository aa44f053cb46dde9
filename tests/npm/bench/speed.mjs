// The speed table of the runtime that runs this: `node speed.mjs '{"sizes":[300],"rounds":15}'` prints it as JSON.
import process from "node:process";
import { bodyOf } from "./bodies.mjs";
import { contenders } from "./contenders.mjs";
import { cpuClock } from "./cpu-clock.mjs";
import { compare, timer } from "./rounds.mjs";

const { sizes, rounds } = JSON.parse(process.argv[2]);
/** So long that parsing and copying are most of the event's time, and one call takes as long as a short body's batch. */
const isLong = (size) => size >= 256_000;
/** Short, so that a disturbance affects only a few of many rounds. */
const batchMs = (size) => (isLong(size) ? 4 : 0.8);
/** Rounds before anything counts, since engines compile in another thread and take their time. */
const WARM_UP = 40;
for (const body of [bodyOf(300), Buffer.from(bodyOf(300))]) {
  for (const group of ["verdict", "event"]) await compare(() => ready(body, group, "genuine"), WARM_UP, timer(0.8));
}

const rows = [];
for (const size of sizes) {
  const text = bodyOf(size);
  for (const [kind, body] of [
    ["string", text],
    ["bytes", Buffer.from(text)],
  ]) {
    for (const kase of size === 300 ? ["genuine", "wrong", "stale", "missing"] : ["genuine", "wrong"]) {
      for (const group of ["verdict", "event"]) {
        const isBrief = kase !== "genuine" || (group === "event" && isLong(size));
        const results = await compare(
          () => ready(body, group, kase),
          isBrief ? Math.ceil(rounds / 3) : rounds,
          timer(batchMs(size), cpuClock),
        );
        for (const result of results) rows.push({ size, kind, case: kase, group, ...result });
      }
    }
  }
  process.stderr.write(`${size} `);
}
process.stderr.write("\n");
console.log(JSON.stringify(rows));

/** Signed again, since the age check is real; and nothing is timed that does not accept, or refuse, as it should. */
async function ready(body, group, kase) {
  const list = [];
  for (const { name, cases, call } of await contenders(group, body)) {
    if (!(kase in cases)) continue;
    const accepted = Boolean(await call(cases[kase]));
    if (accepted !== (kase === "genuine"))
      throw new Error(`${name} ${accepted ? "accepts" : "refuses"} a ${kase} signature`);
    list.push({ name, run: () => call(cases[kase]) });
  }
  return list;
}
