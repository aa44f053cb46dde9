import assert from "node:assert/strict";
import { checkAnswers, hangUpHalfWay } from "../runtimes/receiver.mjs";
import { run } from "../support/command.mjs";

/** Runs the command `check` against a receiver, and returns its report card. */
export async function cardOf(url, secret) {
  const env = { PATH: process.env.PATH, DEALIX_WEBHOOK_SECRET: secret };
  const { code, stdout, stderr } = await run(["check", "--to", url, "--json"], { env });
  assert.equal(stderr, "");
  const card = JSON.parse(stdout);
  const named = (wanted) => card.checks?.filter(({ result }) => result === wanted).map(({ name }) => name);
  return { code, card, fails: named("fail"), notes: named("note") };
}

/** Fails unless the receiver stands a client that hangs up, and every answer of it is right. */
export async function assertReceives(url, secret) {
  await hangUpHalfWay(url);
  await checkAnswers(url);
  await assertCleanCard(url, secret);
}

/** Fails unless every answer of the receiver is right. */
export async function assertCleanCard(url, secret) {
  const { code, card } = await cardOf(url, secret);
  assert.equal(card.error, undefined, url);
  assert.deepEqual(
    card.checks.filter(({ result }) => result !== "pass").map(({ name, problem }) => `${name}: ${problem}`),
    [],
    url,
  );
  assert.equal(code, 0);
}
