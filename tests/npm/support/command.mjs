// What the tests of the command share: it is run as npm installs it.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const COMMAND = join(import.meta.dirname, "../../../node_modules/.bin/dealix-webhooks");
export const SECRET = "whsec_cli";
export const environment = { PATH: process.env.PATH, DEALIX_WEBHOOK_SECRET: SECRET };

/** Runs a command to its end. */
export async function run(words, { env = environment, input = "", cwd } = {}) {
  const child = spawn(COMMAND, words, { env, cwd });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  child.stdin.on("error", () => {}).end(input);
  const [code] = await once(child, "close");
  return { code, ...output };
}

/** Runs many calls of the command in one process, which takes a tenth of the time. */
export async function runMany(calls, { cwd } = {}) {
  const child = fork(join(import.meta.dirname, "many-commands.mjs"), { env: environment, cwd });
  child.send(calls);
  const [answers] = await Promise.race([once(child, "message"), once(child, "exit")]);
  return answers;
}

/** Starts `listen` and returns its address, its lines, and how to stop it. */
export async function listen(t, words = [], env = environment) {
  const child = spawn(COMMAND, ["listen", "--port", "0", ...words], { env });
  t.after(async () => {
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  const [url] = /http:[^\s"\x1b]+/.exec(await line());
  return { child, url, line, errors: () => errors };
}

/** A server with a given response, which keeps the last request. */
export async function answer(t, handle) {
  const server = createServer((request, response) => {
    server.request = request;
    handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  t.after(() => (server.closeAllConnections(), server.close()));
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${server.address().port}/hook` };
}
