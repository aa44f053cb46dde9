// Fresh processes in turn, so that what disturbs the machine disturbs all of them.
import { join } from "node:path";
import { run } from "../runtimes/process.mjs";
import { quantile } from "./rounds.mjs";

const PACKAGES = ["@dealix/webhooks", "stripe", "svix", "standardwebhooks"];
const WAYS = ["import", "require"];

/** The medians, in ms, of loading each package and of its first verification. */
export async function coldStarts([command, ...words], rounds) {
  const found = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const name of PACKAGES) {
      for (const way of WAYS) {
        const printed = await run(command, [...words, join(import.meta.dirname, "cold-start.mjs"), name, way]);
        found.push({ name, way, ...JSON.parse(printed) });
      }
    }
  }
  return PACKAGES.flatMap((name) =>
    WAYS.map((way) => {
      const own = found.filter((one) => one.name === name && one.way === way);
      const of = (part, key) => quantile(own.map((one) => one[key]), part);
      return { name, way, load: of(0.5, "load"), low: of(0.25, "load"), high: of(0.75, "load"), first: of(0.5, "first") };
    }),
  );
}
