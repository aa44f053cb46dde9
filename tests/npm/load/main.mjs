// `cargo xtask load`: deliveries for minutes, valid and hostile ones, to receivers and from the sender. What must be so is
// checked at the end. A run of ten minutes or more with DEALIX_ROOT writes docs/benchmarks.md and docs/load.svg.
import { loadavg } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { checksOf } from "./checks.mjs";
import { writePage } from "./page.mjs";
import { tableOf } from "./tables.mjs";

const PARTS = ["node", "worker", "sender"];
/** Shorter runs do not show a slow leak. */
const LONG_MINUTES = 10;
const USAGE = `usage: cargo xtask load [${PARTS.join("|")} …] [--minutes N] [--json]`;

const { parts, minutes, isJson } = options();
const results = [];
for (const part of parts) {
  process.stderr.write(`==> load: ${part}, ${minutes} minutes\n`);
  const runs = await runsOf(part);
  results.push({ part, minutes, loadAverage: loadavg()[1], runs, checks: checksOf({ part, runs }) });
}
if (process.env.DEALIX_ROOT && minutes >= LONG_MINUTES) writePage(process.env.DEALIX_ROOT, results, PARTS);
console.log(isJson ? JSON.stringify(results) : results.map(shown).join("\n"));
const missed = results.flatMap(({ checks }) => checks).filter(({ isMet }) => !isMet);
for (const { what, seen } of missed) console.error(`load: not so: ${what}: ${seen}`);
process.exit(missed.length === 0 ? 0 : 1);

async function runsOf(part) {
  if (part === "sender") return (await import("./sender.mjs")).sender(60 * minutes);
  const { RECEIVERS } = await import("./receivers.mjs");
  const { traffic } = await import("./traffic.mjs");
  const receivers = await RECEIVERS[part]();
  try {
    return await traffic(receivers, 60 * minutes, progress);
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.stop()));
  }
}

function progress(seconds, runs) {
  const states = runs.map(({ receiver, samples }) => {
    const { memoryBytes, p99 } = samples.at(-1);
    return `${receiver.name}: p99 ${p99?.toFixed(1)} ms, ${(memoryBytes / 1e6).toFixed(1)} MB`;
  });
  process.stderr.write(`    ${seconds.toFixed(0)} s; ${states.join("; ")}\n`);
}

function shown(result) {
  const checks = result.checks.map(({ what, isMet, seen }) => `${isMet ? "met     " : "NOT MET "} ${what}: ${seen}`);
  return [tableOf(result), ...checks, ""].join("\n");
}

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { minutes: { type: "string", default: "10" }, json: { type: "boolean", default: false } },
    });
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes} is not a number of minutes`);
    const unknown = positionals.find((part) => !PARTS.includes(part));
    if (unknown !== undefined) throw new Error(`there is no part ${unknown}`);
    return { parts: positionals.length > 0 ? positionals : PARTS, minutes, isJson: values.json };
  } catch ({ message }) {
    console.error(`${message}\n${USAGE}`);
    process.exit(1);
  }
}
