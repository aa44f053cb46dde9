// A built project, served as its user serves it.
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { program } from "./process.mjs";
import { SECRET, start } from "./receiver.mjs";

/** Most frameworks need Node 22 or newer. */
export const node = program("node-24/bin/node");

/** A response may arrive before what the server printed about it. */
const PATIENCE_MS = 5000;

/**
 * Runs with the address that a server prints, and a function that waits until the server has printed something, and
 * returns all that it has. `words` are the
 * arguments of Node 24, or of another `command`.
 */
export async function withServer(folder, words, run, { env = {}, command = node, prints = /http:\S+/ } = {}) {
  const server = start(folder, words, { DEALIX_WEBHOOK_SECRET: SECRET, ...env }, command);
  try {
    await run(await server.url(prints), (pattern) => assertPrinted(server, pattern));
  } finally {
    await server.stop();
  }
}

async function assertPrinted(server, pattern) {
  for (const end = Date.now() + PATIENCE_MS; !pattern.test(server.errors()) && Date.now() < end; ) await wait(20);
  assert.match(server.errors(), pattern);
  return server.errors();
}
