// Speed in workerd and in Chromium. A Worker's clock stops while it computes, so both are timed from outside: a
// request for many verifications, less one for none.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { bundleWorker } from "../runtimes/bundle-worker.mjs";
import { launchChromium } from "../runtimes/chromium.mjs";
import { copyWithCrossover } from "../runtimes/crossover.mjs";
import { withFolder } from "../runtimes/folder.mjs";
import { serve } from "../runtimes/static-server.mjs";
import { compare } from "./rounds.mjs";
import { versionOf } from "./sizes.mjs";

const GROUPS = { verdict: ["@dealix/webhooks", "SubtleCrypto"], event: ["@dealix/webhooks", "SubtleCrypto", "svix"] };
/** What `nodejs_compat` would bring: docs/architecture.md says why the build for Workers does without it. */
const WORKER_GROUPS = { ...GROUPS, verdict: [...GROUPS.verdict, "by node:crypto"] };
const BATCH_MS = 20;

export async function workerd(sizes, rounds) {
  const miniflare = new Miniflare({
    modules: await withFolder(bundle),
    modulesRoot: "/",
    cf: false,
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat"],
  });
  const ask = async (work) => {
    const response = await miniflare.dispatchFetch("http://worker.example/", {
      method: "POST",
      body: JSON.stringify(work),
    });
    if (!response.ok) throw new Error(await response.text());
  };
  try {
    return { name: `workerd ${versionOf("workerd")}`, rows: await table(ask, WORKER_GROUPS, sizes, rounds) };
  } finally {
    await miniflare.dispose();
  }
}

async function bundle(folder) {
  const byHost = await copyWithCrossover(folder, "0");
  const entry = join(folder, "worker.mjs");
  const code = [
    `import * as byHost from ${JSON.stringify(byHost)};`,
    `import { worker } from ${JSON.stringify(join(import.meta.dirname, "worker.mjs"))};`,
    "export default worker(byHost);",
  ];
  await writeFile(entry, code.join("\n"));
  return bundleWorker(entry);
}

export async function chromium(sizes, rounds) {
  const contents =
    'export { verifyOften } from "./web.mjs"; import { verifyOften } from "./web.mjs"; window.verifyOften = verifyOften;';
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
  });
  const reply = (type, text) => (_, response) => response.writeHead(200, { "content-type": type }).end(text);
  const routes = {
    "/": reply("text/html", '<script type="module" src="/bench.js"></script>'),
    "/bench.js": reply("text/javascript", outputFiles[0].text),
  };
  const { url, close } = await serve(import.meta.dirname, {}, routes);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction(() => window.verifyOften !== undefined, undefined, { timeout: 20_000 });
    const ask = (work) => page.evaluate((work) => window.verifyOften(work), work);
    return { name: `Chromium ${browser.version().split(".")[0]}`, rows: await table(ask, GROUPS, sizes, rounds) };
  } finally {
    await browser.close();
    close();
  }
}

async function table(ask, groups, sizes, rounds) {
  const rows = [];
  for (const size of sizes) {
    for (const kind of ["string", "bytes"]) {
      for (const [group, names] of Object.entries(groups)) {
        const calls = new Map();
        const makers = () => names.map((name) => ({ name, run: { name, group, size, kind } }));
        for (const result of await compare(makers, rounds, (work) => nanoseconds(ask, work, calls))) {
          rows.push({ size, kind, case: "genuine", group, ...result });
        }
      }
    }
    process.stderr.write(`${size} `);
  }
  process.stderr.write("\n");
  return rows;
}

async function nanoseconds(ask, work, known) {
  const time = async (calls) => {
    const start = performance.now();
    await ask({ ...work, calls });
    return performance.now() - start;
  };
  let calls = known.get(work.name) ?? 1;
  for (;;) {
    const spent = (await time(calls)) - (await time(0));
    if (spent >= BATCH_MS) {
      known.set(work.name, calls);
      return (spent * 1e6) / calls;
    }
    calls *= 2;
  }
}
