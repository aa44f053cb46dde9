// A built project, served as its user serves it.
import { program } from "./process.mjs";
import { SECRET, assertLogged, start } from "./receiver.mjs";

/** Most frameworks need Node 22 or newer. */
export const node = program("node-24/bin/node");

/**
 * Runs with the address that a server prints, and a function that waits until the server has printed something, and
 * returns all that it has. `words` are the
 * arguments of Node 24, or of another `command`.
 */
export async function withServer(folder, words, run, { env = {}, command = node, prints = /http:\S+/ } = {}) {
  const server = start(folder, words, { DEALIX_WEBHOOK_SECRET: SECRET, ...env }, command);
  try {
    await run(await server.url(prints), (pattern) => assertLogged(server.errors, pattern));
  } finally {
    await server.stop();
  }
}
