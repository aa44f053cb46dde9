// The receivers under load: an example as its user starts it, and the same server without verification.
import { Agent } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { bundleWorker } from "../runtimes/bundle-worker.mjs";
import { program, startGroup } from "../runtimes/process.mjs";
import { freePort } from "../support/free-port.mjs";
import { SECRET } from "./deliveries.mjs";
import { watchUsedBytes } from "./inspector.mjs";
import { childrenOf } from "./memory.mjs";

const PATH = "/webhooks/dealix";
const CONNECTIONS = 32;
const examples = join(import.meta.dirname, "../../../examples");
const here = (file) => join(import.meta.dirname, file);

export const RECEIVERS = {
  node: () => Promise.all([node(join(examples, "node/receiver.mjs"), true), node(here("unverified-node.mjs"), false)]),
  // One after the other, to know which process is whose.
  worker: async () => [
    await worker(join(examples, "worker/src/index.ts"), true),
    await worker(here("unverified-worker.mjs"), false),
  ],
};

export async function node(script, verifies) {
  const port = await freePort();
  const env = { ...process.env, PORT: `${port}`, DEALIX_WEBHOOK_SECRET: SECRET };
  const words = ["--expose-gc", "--import", here("collect.mjs"), script];
  const { child, end } = startGroup(program("node-24/bin/node"), words, {
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const ended = new Promise((_, reject) => {
    child.once("close", (code, signal) => reject(new Error(`${script} ended with ${code ?? signal}`)));
  });
  ended.catch(() => {});
  // What it says about refusals.
  child.stderr.resume();
  const receiver = receiverAt(`http://127.0.0.1:${port}${PATH}`, child.pid, verifies, end);
  child.on("message", ({ bytes }) => (receiver.usedBytes = bytes));
  const listening = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("listening on ")) resolve();
      else note(receiver, line);
    });
  });
  await Promise.race([listening, ended]);
  return receiver;
}

async function worker(entry, verifies) {
  const before = childrenOf(process.pid, "workerd");
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(examples, "worker/wrangler.jsonc"));
  let receiver;
  const miniflare = new Miniflare({
    ...workerOptions,
    modules: await bundleWorker(entry),
    modulesRoot: "/",
    cf: false,
    inspectorPort: 0,
    bindings: { DEALIX_WEBHOOK_SECRET: SECRET },
    handleRuntimeStdio(stdout, stderr) {
      createInterface({ input: stdout }).on("line", (line) => note(receiver, line));
      stderr.resume();
    },
  });
  const url = new URL(PATH, await miniflare.ready).href;
  const [pid] = childrenOf(process.pid, "workerd").filter((one) => !before.includes(one));
  const unwatch = await watchUsedBytes(await miniflare.getInspectorURL(), (bytes) => (receiver.usedBytes = bytes));
  const stop = () => {
    unwatch();
    return miniflare.dispose();
  };
  receiver = receiverAt(url, pid, verifies, stop);
  return receiver;
}

function receiverAt(url, pid, verifies, stop) {
  // In turn, so that no connection is idle until its server closes it.
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: "fifo" });
  const end = () => {
    agent.destroy();
    return stop();
  };
  return {
    name: verifies ? "with verification" : "without",
    verifies,
    url,
    pid,
    agent,
    stop: end,
    /** After the last garbage collection. */
    usedBytes: null,
    /** The ids of valid events that the handler has not been given yet. */
    awaited: new Set(),
    /** How many events of each kind the handler was given. */
    handled: {},
    /** Events that it was given twice, or that nobody sent. */
    strays: 0,
  };
}

/** What the examples' handlers print. */
function note(receiver, line) {
  const [, id, kind] = /^deal\.won (evt_([a-z]+)_\d+)$/.exec(line) ?? [];
  if (id === undefined) return;
  receiver.handled[kind] = (receiver.handled[kind] ?? 0) + 1;
  if (kind === "valid" && !receiver.awaited.delete(id)) receiver.strays += 1;
}
