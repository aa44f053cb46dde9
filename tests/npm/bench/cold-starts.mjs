// New processes in turn, so that a disturbance affects all of them equally.
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { run } from "../runtimes/process.mjs";
import { bodyOf } from "./bodies.mjs";
import { quantile } from "./rounds.mjs";

const PACKAGES = ["@dealix/webhooks", "stripe", "svix", "standardwebhooks"];
const WAYS = ["import", "require"];
const STARTS = PACKAGES.flatMap((name) => WAYS.map((way) => ({ name, way })));
const KEY = "made for the benchmark only";
const SECRET = `whsec_${btoa(KEY)}`;
const BODY = bodyOf(300);

/** The medians, in ms, of loading each package and of its first verification. */
export async function coldStarts([command, ...words], rounds) {
  const found = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = round % STARTS.length;
    for (const { name, way } of [...STARTS.slice(from), ...STARTS.slice(0, from)]) {
      const printed = await run(command, [
        ...words,
        join(import.meta.dirname, "cold-start.mjs"),
        name,
        way,
        SECRET,
        BODY,
        JSON.stringify(signed()),
      ]);
      found.push({ name, way, ...JSON.parse(printed) });
    }
  }
  return STARTS.map(({ name, way }) => {
    const own = found.filter((one) => one.name === name && one.way === way);
    const of = (part, key) =>
      quantile(
        own.map((one) => one[key]),
        part,
      );
    return { name, way, load: of(0.5, "load"), low: of(0.25, "load"), high: of(0.75, "load"), first: of(0.5, "first") };
  });
}

/** One delivery's headers under every scheme. Signed here, since signing would warm up what is measured cold. */
function signed() {
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac("sha256", SECRET).update(`${t}.${BODY}`).digest("hex");
  const standard = `v1,${createHmac("sha256", KEY).update(`evt_1.${t}.${BODY}`).digest("base64")}`;
  const headers = (prefix) => ({
    [`${prefix}-id`]: "evt_1",
    [`${prefix}-timestamp`]: `${t}`,
    [`${prefix}-signature`]: standard,
  });
  return { "dealix-signature": `t=${t},v1=${v1}`, ...headers("svix"), ...headers("webhook") };
}
