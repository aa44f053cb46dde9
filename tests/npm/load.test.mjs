// What `cargo xtask load` would report: its checks on a short load, and on figures that are wrong.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { checksOf, flat } from "./load/checks.mjs";
import { node } from "./load/receivers.mjs";
import { traffic } from "./load/traffic.mjs";

const example = join(import.meta.dirname, "../../examples/node/receiver.mjs");
const unverified = join(import.meta.dirname, "load/unverified-node.mjs");
const MB = 1e6;
const samplesOf = (bytesAt) =>
  Array.from({ length: 40 }, (_, at) => ({ seconds: at + 1, memoryBytes: bytesAt(at + 1) }));

/** What is not so, except for the memory, which is still growing after seconds. */
function missed(part, run) {
  const checks = checksOf({ part, runs: [run] });
  return checks
    .filter(({ what, isMet }) => !isMet && !what.includes("memory"))
    .map(({ what, seen }) => `${what}: ${seen}`);
}

test("a receiver that accepts forgeries is reported, the example is not", { timeout: 60_000 }, async () => {
  const receivers = await Promise.all([example, unverified].map((script) => node(script, true)));
  try {
    const [good, bad] = await traffic(receivers, 2, () => {});
    assert.ok(good.handled.valid > 0);
    assert.deepEqual(missed("node", good), []);
    const [statuses, handler, ...others] = missed("node", bad);
    assert.match(statuses, /^node: every response has the status of its kind: \d+ stale got 204, \d+ forged got 204, /);
    assert.match(handler, /\d+ stale were handled, \d+ forged were handled$/);
    assert.deepEqual(others, []);
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.stop()));
  }
});

test("growing memory is reported; warm-ups, peaks, the runtime’s own are not", () => {
  const isFlat = (bytesAt) => flat("memory", samplesOf(bytesAt), "memoryBytes", 8 * MB).isMet;
  assert.ok(isFlat((second) => (second < 10 ? 5 * second : 60) * MB));
  assert.ok(isFlat((second) => (second % 7 === 0 ? 90 : 60) * MB));
  assert.ok(!isFlat((second) => (60 + 2 * second) * MB));
  assert.ok(!isFlat((second) => (60 + 2 * second + (second % 2) * 10) * MB));
  const growing = samplesOf((second) => (60 + 2 * second) * MB);
  const beside = (control) => flat("memory", growing, "memoryBytes", 8 * MB, control).isMet;
  assert.ok(beside(growing));
  assert.ok(!beside(samplesOf(() => 60 * MB)));
});

test("what the sender loses, and what it abandons too early, is reported", () => {
  const faulty = ["hangs_", "refuses_"].map((name) => ({
    name,
    sent: 9,
    pending: name === "hangs_" ? 9 : 0,
    deadLetters: 0,
  }));
  const samples = samplesOf(() => 60 * MB).map((one) => ({ ...one, storedBytes: MB, walBytes: MB }));
  const run = { database: "Sqlite", sent: 100, arrived: 100, again: 1, heldBack: 0, faulty, deadLetters: 9, samples };
  assert.deepEqual(missed("sender", run), []);
  const lost = { ...run, arrived: 99 };
  assert.deepEqual(missed("sender", lost), ["Sqlite: every event arrived: 99 of 100, 1 of them more than once"]);
  const [abandoned] = missed("sender", { ...run, deadLetters: 10 });
  assert.match(abandoned, /: 10 dead letters for 9 refusals$/);
  const [forgotten] = missed("sender", { ...run, faulty: [{ ...faulty[0], pending: 8 }, faulty[1]] });
  assert.match(forgotten, /: hangs 8 of 9$/);
  const [grown] = missed("sender", {
    ...run,
    samples: samples.map((one) => ({ ...one, storedBytes: 9 * MB * one.seconds })),
  });
  assert.match(grown, /^Sqlite: the tables are flat: /);
});
