// `cargo xtask bench`: what the package takes, compared with its peers. `--json` prints all of it for programs,
// `--quick` measures fewer sizes in fewer rounds. A full run with DEALIX_ROOT writes docs/benchmarks.md and its plots.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { program, run } from "../runtimes/process.mjs";
import { aims } from "./aims.mjs";
import { coldStarts } from "./cold-starts.mjs";
import { crossover } from "./crossover.mjs";
import { chromium, workerd } from "./elsewhere.mjs";
import { load } from "./load.mjs";
import { writePage } from "./page.mjs";
import { bundleBytes, installed } from "./sizes.mjs";
import { tables } from "./tables.mjs";

const isQuick = process.argv.includes("--quick");
const sizes = isQuick
  ? [100, 300, 4000, 64_000, 1_000_000]
  : [100, 300, 1000, 4000, 16_000, 64_000, 256_000, 1_000_000];
const rounds = isQuick ? 9 : 31;
const LIMIT_MS = 900_000;

const node = (major) => [program(`node-${major}/bin/node`)];
const NODES = ["Node 20", "Node 22", "Node 24"];
const RUNTIMES = {
  "Node 20": node(20),
  "Node 22": node(22),
  "Node 24": node(24),
  Bun: [program("@oven/bun-linux-x64/bin/bun"), "--no-install"],
  Deno: [program("@deno/linux-x64-glibc/deno"), "run", "--allow-all", "--no-remote"],
};

const results = {
  sizes,
  rounds,
  speed: {},
  crossover: {},
  handlers: {},
  load: {},
  share: {},
  coldStart: {},
  bundles: {},
  installed: {},
  memory: {},
};
for (const [name, command] of Object.entries(RUNTIMES)) {
  await part(`${name}: verification`, async () => {
    const words = [join(import.meta.dirname, "speed.mjs"), JSON.stringify({ sizes, rounds })];
    results.speed[name] = JSON.parse(await inRuntime(command, words));
  });
}
for (const runtime of [workerd, chromium]) {
  await part(`${runtime.name}: verification`, async () => {
    const { name, rows } = await runtime(sizes, isQuick ? 3 : 5);
    results.speed[name] = rows;
  });
}
await part("where a host's hash overtakes wasm", async () => {
  for (const [name, command] of Object.entries(RUNTIMES))
    results.crossover[name] = await crossover(command, isQuick ? 9 : 31);
});
await part("what a handler adds", async () => {
  for (const name of NODES) {
    const words = [join(import.meta.dirname, "handlers-here.mjs"), `${isQuick ? 100 : 800}`];
    results.handlers[name] = JSON.parse(await inRuntime(RUNTIMES[name], words));
  }
});
await part("a receiver under load", async () => {
  for (const name of NODES) results.load[name] = await load(RUNTIMES[name], isQuick ? 5 : 41);
});
await part("cold start", async () => {
  for (const name of NODES) results.coldStart[name] = await coldStarts(RUNTIMES[name], isQuick ? 5 : 41);
});
await part("bundles, installs and memory", async () => {
  for (const [name, from, what] of [
    ["@dealix/webhooks Webhook", "@dealix/webhooks", "Webhook"],
    ["@dealix/webhooks verifySignature", "@dealix/webhooks", "verifySignature"],
    ["@dealix/webhooks fetchHandler", "@dealix/webhooks", "fetchHandler"],
    ["stripe", "stripe", "Stripe"],
    ["svix", "svix", "Webhook"],
    ["standardwebhooks", "standardwebhooks", "Webhook"],
    ["@octokit/webhooks-methods", "@octokit/webhooks-methods", "verify"],
  ]) {
    results.bundles[name] = {};
    for (const target of ["workerd", "browser", "node"])
      results.bundles[name][target] = await bundleBytes(from, what, target);
  }
  for (const name of ["@dealix/webhooks", "stripe", "svix", "standardwebhooks", "@octokit/webhooks-methods"])
    results.installed[name] = installed(name);
  for (const way of ["host", "wasm"])
    results.memory[way] = Number(await run(RUNTIMES["Node 24"][0], [join(import.meta.dirname, "memory.mjs"), way]));
});

for (const name of NODES) results.share[name] = share(results.handlers[name], results.load[name]);
results.aims = aims(results);
results.minutes = performance.now() / 60_000;
if (process.env.DEALIX_ROOT && !isQuick) writePage(join(process.env.DEALIX_ROOT, "docs"), results);
console.log(process.argv.includes("--json") ? JSON.stringify(results) : tables(results));

async function part(title, work) {
  const start = performance.now();
  process.stderr.write(`==> ${title}\n`);
  await work();
  process.stderr.write(`    ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
}

/** How much of a request under load is what nodeHandler adds. */
function share(rows, loaded) {
  const ours = ({ way }) => way === "nodeHandler";
  const adds = rows.find(ours).above.median;
  const of = loaded.find(ours).us;
  return { adds, of, percent: (adds / of) * 100 };
}

/** What a program printed. Finished sizes are shown as they arrive. */
async function inRuntime([command, ...words], more) {
  const child = spawn(command, [...words, ...more], {
    cwd: import.meta.dirname,
    timeout: LIMIT_MS,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed, [code, signal]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`${command} ended with ${code ?? signal}`);
  return printed;
}
