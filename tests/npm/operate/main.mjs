// `cargo xtask operate`: runs the sender for an hour on PostgreSQL, as its operator would, while things go wrong. The alarms,
// `doctor`, the health and the metrics are compared with the log of the endpoints that it delivers to.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Bed } from "./bed.mjs";
import { outcomeOf } from "./outcome.mjs";
import { STORY } from "./story.mjs";

const USAGE = "usage: cargo xtask operate [--minutes N] [--json]";
/** How long the story is as it is written. */
const STORY_MINUTES = 60;

const { minutes, isJson } = options();
const bed = new Bed((60 * minutes) / STORY_MINUTES);
const started = Date.now();
let result;
await bed.start();
try {
  for (const [at, what, run] of STORY) {
    await sleep(Math.max(0, started + at * bed.minute * 1000 - Date.now()));
    const seconds = Math.round((Date.now() - started) / 1000);
    process.stderr.write(`==> operate: ${seconds} s: ${what}\n`);
    bed.step = what;
    await run(bed).catch((error) => bed.check(false, error.stack));
  }
  await bed.traffic.stop();
  await sleep(5000);
  result = { minutes: (Date.now() - started) / 60_000, ...(await outcomeOf(bed)) };
} finally {
  await bed.stop();
}
console.log(isJson ? JSON.stringify(result) : shown(result));
process.exit(result.faults.length === 0 ? 0 : 1);

function shown(result) {
  const again = Object.entries(result.again).map(([why, count]) => `  ${count} because ${why}`);
  return [
    `${result.minutes.toFixed(0)} minutes: ${result.events} events, ${result.attempts} attempts, ${result.delivered} delivered`,
    `${result.pending} still wait for a retry; ${result.batchesRefused} batches were refused and tried again`,
    "arrived again:",
    ...again,
    "alarms, and after how many seconds they came:",
    ...result.alarms.map(({ type, seconds }) => `  ${seconds.toFixed(1).padStart(6)}  ${type}`),
    `${result.checks} checks, ${result.faults.length} not so`,
    ...result.faults.map((fault) => `  NOT SO: ${fault}`),
  ].join("\n");
}

function options() {
  try {
    const { values } = parseArgs({
      options: { minutes: { type: "string", default: `${STORY_MINUTES}` }, json: { type: "boolean", default: false } },
    });
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes} is not a number of minutes`);
    return { minutes, isJson: values.json };
  } catch ({ message }) {
    console.error(`${message}\n${USAGE}`);
    process.exit(1);
  }
}
