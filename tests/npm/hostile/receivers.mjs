// Receivers for hostile.test.mjs, each in its own process.
import { once } from "node:events";
import { program, script, startGroup } from "../runtimes/process.mjs";

/** The runtime's server for the Fetch API, which keeps and closes connections by its own rules. */
export const OWN = "its own server";

const node = (major) => [program(`node-${major}/bin/node`), "--expose-gc"];
const RUNTIMES = {
  "Node 20": node(20),
  "Node 22": node(22),
  "Node 24": node(24),
  "Node 26": node(26),
  Bun: [program("@oven/bun-linux-x64/bin/bun"), "--no-install"],
  Deno: [
    program("@deno/linux-x64-glibc/deno"),
    "run",
    "--allow-all",
    "--no-prompt",
    "--no-remote",
    "--no-lock",
    "--quiet",
  ],
};

/** Starts a receiver; `home` is a folder for what its runtime keeps. */
export async function start(home, runtime, adapter, protocol) {
  const [command, ...words] = [...RUNTIMES[runtime], script("../hostile/server.mjs"), adapter, protocol];
  const env = { ...process.env, HOME: home, DENO_DIR: home, DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1" };
  const { child, end } = startGroup(command, words, { env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let written = "";
  for (const output of [child.stdout, child.stderr]) output.setEncoding("utf8").on("data", (text) => (written += text));
  const ended = once(child, "close").then(([code, signal]) =>
    Promise.reject(new Error(`the receiver ended with ${code ?? signal}: ${written}`)),
  );
  ended.catch(() => {});
  const message = () => Promise.race([once(child, "message").then(([one]) => one), ended]);
  const { port } = await message();
  return {
    protocol,
    port,
    keepsConnections: adapter !== OWN,
    ended,
    end,
    written: () => written,
    /** Its resident memory in bytes. */
    async memory() {
      child.send("memory");
      return (await message()).rss;
    },
  };
}
