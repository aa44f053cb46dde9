// Writes what was measured into docs/benchmarks.md, and docs/load.svg.
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { replaced } from "../bench/block.mjs";
import { plot } from "./plot.mjs";
import { tableOf } from "./tables.mjs";

const COMMAND = "cargo xtask load";
const PLOT =
  "![Memory and p99 over ten minutes: the receivers on Node and in workerd, and the sender’s worker](load.svg)\n";

/** Parts that were measured on their own are kept until all three are there, since the plot shows them together. */
export function writePage(root, results, parts) {
  const kept = join(root, "target/load");
  mkdirSync(kept, { recursive: true });
  for (const result of results) writeFileSync(join(kept, `${result.part}.json`), JSON.stringify(result));
  const files = parts.map((part) => join(kept, `${part}.json`));
  if (!files.every((file) => existsSync(file))) return;
  const all = files.map((file) => JSON.parse(readFileSync(file, "utf8")));
  const path = join(root, "docs/benchmarks.md");
  const block = [PLOT, machine(all), ...all.map(tableOf)].join("\n");
  writeFileSync(path, replaced(readFileSync(path, "utf8"), "load", block, COMMAND));
  writeFileSync(join(root, "docs/load.svg"), plot(all));
}

function machine(all) {
  const minutes = Math.min(...all.map(({ minutes }) => minutes));
  const averages = all.map(({ part, loadAverage }) => `${loadAverage.toFixed(0)} (${part})`).join(", ");
  return `Each for ${minutes} minutes, on ${cpus().length} cores (${cpus()[0].model}). Load average, other work included: ${averages}.\n`;
}
