// The tables of docs/benchmarks.md, which are also what is printed.
import { table } from "../bench/page-tables.mjs";
import { quantile } from "../bench/rounds.mjs";
import { KINDS } from "./deliveries.mjs";
import { quarters } from "./quarters.mjs";

export function tableOf({ part, runs }) {
  return part === "sender" ? senderTable(runs) : receiverTable(part, runs);
}

function receiverTable(part, runs) {
  const each = (cell) => runs.map(cell);
  const kinds = Object.entries(KINDS).map(([kind, { status }]) => [
    `${kind}: must get ${status}`,
    ...each(({ counts }) => counted(counts[kind])),
  ]);
  const [ours, without] = runs.map(({ samples }) => samples);
  const ratios = ours.map(({ p99 }, index) => p99 / without[index].p99);
  return table(
    [`\`examples/${part}\``, ...each(({ name }) => name)],
    [
      ...kinds,
      ["runs of the handler", ...each(({ handled }) => counted(handled))],
      ["valid deliveries: p50, p90, p99", ...each(({ milliseconds }) => percentiles(milliseconds))],
      ["p99 ÷ p99 without, in the same 5 s: median", quantile(ratios, 0.5).toFixed(2), ""],
      ["memory: third quarter, last", ...each(({ samples }) => inQuarters(samples, "memoryBytes"))],
      ["used after garbage collection", ...each(({ samples }) => inQuarters(samples, "usedBytes"))],
    ],
  );
}

function senderTable(runs) {
  const each = (cell) => runs.map(cell);
  const refused = ({ faulty }) => faulty.find(({ name }) => name === "refuses_").sent;
  return table(
    ["the queue, beside endpoints that fail", ...each(({ database }) => NAMES[database])],
    [
      ["events a second: at the most; in this run", ...each((run) => numbers(run.topPerSecond, run.perSecond))],
      ["events to endpoints that work; arrived", ...each((run) => numbers(run.sent, run.arrived))],
      ["of these, more than once", ...each((run) => numbers(run.again))],
      ["to a healthy endpoint: p50, p90, p99", ...each(({ milliseconds }) => percentiles(milliseconds))],
      ["failed attempts that are repeated", ...each((run) => numbers(run.retries))],
      ["events to an endpoint that refuses; dead letters", ...each((run) => numbers(refused(run), run.deadLetters))],
      ["the worker’s memory: third quarter, last", ...each(({ samples }) => inQuarters(samples, "memoryBytes"))],
      ["tables", ...each(({ samples }) => inQuarters(samples, "storedBytes"))],
      ["write-ahead log", ...each(({ samples }) => inQuarters(samples, "walBytes"))],
    ],
  );
}

export const NAMES = { Postgres: "PostgreSQL", Sqlite: "SQLite" };

/** `180,000 × 204, 2 × 400`, or `valid` for a status. */
function counted(counts) {
  const parts = Object.entries(counts).map(([what, count]) => `${numbers(count)} × ${what}`);
  return parts.join(", ") || "none";
}

function numbers(...all) {
  return all.map((number) => Math.round(number).toLocaleString("en")).join("; ");
}

function percentiles({ p50, p90, p99 }) {
  return `${[p50, p90, p99].map((ms) => ms.toFixed(1)).join(", ")} ms`;
}

function inQuarters(samples, key) {
  const { third, last } = quarters(samples, key);
  return [third, last].map(({ median }) => `${(median / 1e6).toFixed(median < 1e8 ? 1 : 0)} MB`).join(", ");
}
