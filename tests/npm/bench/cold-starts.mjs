// New processes in turn, so that a disturbance affects all of them equally.
import { join } from "node:path";
import { run } from "../runtimes/process.mjs";
import { BODY, SECRET, signed } from "./delivery.mjs";
import { inTurn, quantile, quartiles } from "./rounds.mjs";

// The two that are compared come first, so that they run right after each other.
const PACKAGES = ["@dealix/webhooks", "standardwebhooks", "stripe", "svix"];
const WAYS = ["import", "require"];

/**
 * In ms, loading each package and its first verification (medians), both together (percentiles), and the CPU time of both
 * (median). `beside` and `cpuBeside` are both together, divided by standardwebhooks' in the same round.
 */
export async function coldStarts([command, ...words], rounds) {
  const script = join(import.meta.dirname, "cold-start.mjs");
  const found = {};
  for (const way of WAYS) {
    const start = async (name) =>
      JSON.parse(await run(command, [...words, script, name, way, SECRET, BODY, JSON.stringify(signed())]));
    const makers = () => PACKAGES.map((name) => ({ name, run: name }));
    found[way] = await inTurn(makers, { rounds, warmUp: 1 }, start);
  }
  return WAYS.flatMap((way) => PACKAGES.map((name) => summary(name, way, found[way])));
}

function summary(name, way, found) {
  const own = found[name].map(timesOf);
  const standard = found.standardwebhooks.map(timesOf);
  const of = (key, part) =>
    quantile(
      own.map((one) => one[key]),
      part,
    );
  const ratio = (key) => quartiles(own.map((one, round) => one[key] / standard[round][key]));
  return {
    name,
    way,
    load: of("load", 0.5),
    first: of("first", 0.5),
    p50: of("both", 0.5),
    p90: of("both", 0.9),
    p99: of("both", 0.99),
    cpu: of("cpu", 0.5),
    beside: ratio("both"),
    cpuBeside: ratio("cpu"),
  };
}

function timesOf({ load, first, cpu }) {
  return { load, first, both: load + first, cpu };
}
