// Random deliveries, judged by the packed package and by a naive reading of docs/contract.md, in every runtime and with both
// ways to hash. For longer runs, DEALIX_FUZZ_CASES says how many cases, or DEALIX_FUZZ_MINUTES how long, for each runtime.
// DEALIX_FUZZ_SEED repeats a run.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import process from "node:process";
import { test } from "node:test";
import { encode, hmac } from "./fuzz/platform.mjs";
import { inChromium, inFirefox, inProcess, inWorkerd } from "./fuzz/runtimes.mjs";
import { withFolder } from "./runtimes/folder.mjs";

const CODES = [
  "valid",
  "invalid_envelope",
  "malformed_header",
  "bad_timestamp",
  "missing_v1",
  "stale_signature",
  "signature_mismatch",
];
const deno = ["@deno/linux-x64-glibc/deno", ["run", "--allow-read", "--no-prompt", "--no-remote", "--no-lock"]];
const bun = ["@oven/bun-linux-x64/bin/bun", ["--no-install"]];
/** Each with its number of cases unless told otherwise. */
const RUNTIMES = {
  "Node 20": [inProcess("node-20/bin/node", []), 2000],
  "Node 22": [inProcess("node-22/bin/node", []), 500],
  "Node 24, hashed by node:crypto": [inProcess("node-24/bin/node", [], "node:crypto"), 1000],
  "Node 24, hashed by wasm": [inProcess("node-24/bin/node", [], "wasm"), 1000],
  "Deno, hashed by node:crypto": [inProcess(...deno, "node:crypto"), 500],
  "Deno, hashed by wasm": [inProcess(...deno, "wasm"), 500],
  "Bun, hashed by node:crypto": [inProcess(...bun, "node:crypto"), 500],
  "Bun, hashed by wasm": [inProcess(...bun, "wasm"), 500],
  "workerd, hashed by node:crypto": [inWorkerd("node:crypto"), 500],
  "workerd, hashed by wasm": [inWorkerd("wasm"), 1000],
  Chromium: [inChromium, 1000],
  Firefox: [inFirefox, 1000],
};
/** In a run by the clock, which is looked at between batches. */
const BATCH = 2000;

const whole = (name, least, missing) => {
  const value = Number(process.env[name] ?? missing);
  assert.ok(Number.isSafeInteger(value) && value >= least, `${name} is a whole number, ${least} or more`);
  return value;
};
const minutes = whole("DEALIX_FUZZ_MINUTES", 0, 0);
const asked = whole("DEALIX_FUZZ_CASES", 0, 0);
const seed = whole("DEALIX_FUZZ_SEED", 0, Math.floor(Math.random() * 2 ** 31));

test("fuzz: the reference's HMAC is node:crypto's", () => {
  for (const secret of ["s", "é".repeat(40), "s".repeat(64), "s".repeat(65_536)])
    for (const body of ["", "😀\ud800", "x".repeat(1000)].map(encode))
      assert.equal(
        hmac(secret, encode("1."), body),
        createHmac("sha256", secret).update("1.").update(body).digest("hex"),
      );
});

for (const [name, [start, few]] of Object.entries(RUNTIMES)) {
  const cases = asked || few;
  test(`fuzz: ${name}`, { timeout: 120_000 + minutes * 120_000 + cases * 50 }, (t) =>
    withFolder(async (folder) => {
      const runtime = await start(folder);
      let stopping;
      const stop = () => (stopping ??= runtime.stop());
      t.signal.addEventListener("abort", stop);
      try {
        assertSeen(await fuzz(runtime, cases), t);
      } finally {
        await stop();
      }
    }),
  );
}

function assertSeen(verdicts, t) {
  const total = sum(verdicts);
  t.diagnostic(`${total} cases from seed ${seed}: ${JSON.stringify(verdicts)}`);
  const seldom = CODES.filter((code) => !((verdicts[code] ?? 0) > total / 1000));
  // A short run, such as a repeated one, need not have seen everything.
  if (total >= 2000) assert.deepEqual(seldom, [], "each verdict is right for at least one delivery in 1,000");
}

/** Runs that many cases, or as many as the minutes allow. Returns how often each verdict was right. */
async function fuzz(runtime, cases) {
  const end = Date.now() + minutes * 60_000;
  const total = {};
  for (let first = seed; first === seed || Date.now() < end; first += BATCH) {
    const batch = { seed: first, cases: minutes ? BATCH : cases };
    const { verdicts, failure } = await runtime.fuzz(batch);
    assert.equal(failure, null, failure ?? "");
    assert.equal(sum(verdicts), batch.cases, "each case has run");
    for (const [code, times] of Object.entries(verdicts)) total[code] = (total[code] ?? 0) + times;
  }
  return total;
}

function sum(verdicts) {
  return Object.values(verdicts).reduce((all, times) => all + times, 0);
}
