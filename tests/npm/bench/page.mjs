// What a full run writes: the plots in docs/, and in docs/benchmarks.md what is between the marks.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { coldStartBars, handlerBars } from "./bars.mjs";
import { replaced } from "./block.mjs";
import { curves } from "./curves.mjs";
import { coldStartTable, handlerTable, sizeTable, speedTable } from "./page-tables.mjs";
import { versionOf } from "./sizes.mjs";

const PLOTS = { "verify.svg": curves, "handlers.svg": handlerBars, "cold-start.svg": coldStartBars };
const BLOCKS = {
  machine,
  speed: speedTable,
  handlers: handlerTable,
  "cold start": coldStartTable,
  size: sizeTable,
};

export function writePage(folder, results) {
  const path = join(folder, "benchmarks.md");
  const page = Object.entries(BLOCKS).reduce(
    (text, [name, block]) => replaced(text, name, block(results)),
    readFileSync(path, "utf8"),
  );
  for (const [name, plot] of Object.entries(PLOTS)) writeFileSync(join(folder, name), plot(results));
  writeFileSync(path, page);
}

function machine({ minutes }) {
  const nodes = ["20", "22", "24"].map((major) => versionOf(`node-${major}`)).join(", ");
  const peers = ["stripe", "svix", "standardwebhooks"].map((name) => `${name} ${versionOf(name)}`).join(", ");
  return `Measured in ${minutes.toFixed(0)} minutes on ${cpus().length} cores (${cpus()[0].model}), with Node ${nodes}; ${peers}.\n`;
}
