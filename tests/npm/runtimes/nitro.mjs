// What Nitro built, for Node, Deno and workerd, sent real HTTP.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Miniflare } from "miniflare";
import { assertCleanCard } from "../check/card.mjs";
import { freePort } from "../support/free-port.mjs";
import { program, run } from "./process.mjs";
import { node } from "./project-server.mjs";
import { SECRET, assertLogged, checkAnswers, genuine, start } from "./receiver.mjs";

export const deno = [program("@deno/linux-x64-glibc/deno"), "run", "--allow-all"];

/** Serves what the preset `netlify_edge` built, as Netlify's edge does, which is Deno. */
export const NETLIFY = `import handler from "./.netlify/edge-functions/server/server.js";
const onListen = ({ port }) => console.log("listening on", port);
Deno.serve({ port: Number(Deno.env.get("PORT")), onListen }, (request) => handler(request, {}));
`;

export async function checkReceiver(url) {
  assert.equal((await fetch(url)).status, 405);
  await checkAnswers(url);
  await assertCleanCard(url, SECRET);
}

/** Checks that a delivery gets 500, and that the log says why. */
export async function assertFails(url, log, says) {
  assert.equal((await fetch(genuine(url))).status, 500);
  return assertLogged(log, says);
}

/** Compiles a project's sources with its own settings and compiler. */
export const compile = (folder, settings) =>
  run(node, ["node_modules/typescript/bin/tsc", "--noEmit", "--project", settings], { cwd: folder });

/** Runs with the address of the built server's webhooks and what it has printed. */
export async function withBuilt(folder, [command, ...words], run, secret = SECRET) {
  const PORT = String(await freePort());
  const env = { PORT, HOST: "127.0.0.1", DEALIX_WEBHOOK_SECRET: secret, DENO_NO_UPDATE_CHECK: "1" };
  const server = start(folder, words, env, command);
  try {
    await server.url(/listening/i);
    await run(`http://127.0.0.1:${PORT}/webhooks/`, server.errors);
  } finally {
    await server.stop();
  }
}

/** The same with what the preset `cloudflare_module` built, in workerd. */
export async function withWorker(folder, compatibilityFlags, run, secret = SECRET) {
  const printed = [];
  const worker = new Miniflare({
    modules: modulesIn(folder),
    modulesRoot: folder,
    cf: false,
    compatibilityDate: "2026-04-01",
    compatibilityFlags,
    bindings: { DEALIX_WEBHOOK_SECRET: secret },
    handleRuntimeStdio: (...streams) => streams.map((stream) => text(stream.on("data", (part) => printed.push(part)))),
  });
  try {
    await run(new URL("/webhooks/", await worker.ready).href, () => printed.join(""));
  } finally {
    await worker.dispose();
  }
}

/** The flags that Nitro 3 wrote for wrangler. */
export const compatibilityFlags = (folder) =>
  JSON.parse(readFileSync(join(folder, "wrangler.json"), "utf8")).compatibility_flags;

/** As `wrangler deploy --no-bundle` finds them; the Worker itself is the first. */
function modulesIn(folder) {
  const paths = readdirSync(folder, { recursive: true }).filter((path) => /\.(mjs|wasm)$/.test(path));
  return ["index.mjs", ...paths.filter((path) => path !== "index.mjs")].map((path) => ({
    type: path.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
    path: join(folder, path),
    contents: readFileSync(join(folder, path)),
  }));
}
