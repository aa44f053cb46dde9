// The statistics of `cargo xtask constant-time --statistics`, on times that are made up.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { CERTAIN, largestT, SUSPICIOUS } from "./constant-time/welch.mjs";

const COUNT = 20_000;

/** Times with a long tail, of which those of the class 1 take longer by `difference`; the same ones in each run. */
function madeUp(difference) {
  let count = 0;
  const random = () =>
    createHash("sha256")
      .update(`${(count += 1)}`)
      .digest()
      .readUInt32LE() /
    2 ** 32;
  const classes = Uint8Array.from({ length: COUNT }, () => (random() < 0.5 ? 0 : 1));
  const times = Float64Array.from(classes, (own) => 1000 - 100 * Math.log(1 - random()) + own * difference);
  return largestT(times, classes);
}

test("t is Welch's, as computed by hand", () => {
  // The means are 2 and 5, the variances 1 and 4, each of 3 times: t = 3 / sqrt(1/3 + 4/3).
  const { t, n, difference } = largestT(Float64Array.of(1, 2, 3, 3, 5, 7), Uint8Array.of(0, 0, 0, 1, 1, 1));
  assert.ok(Math.abs(t - 3 / Math.sqrt(5 / 3)) < 1e-12, t);
  assert.deepEqual({ n, difference }, { n: 6, difference: 3 });
});

test("equal classes show no difference, and a longer one a certain one", () => {
  const [equal, longer] = [0, 20].map(madeUp);
  assert.ok(Math.abs(equal.t) < SUSPICIOUS, equal.t);
  assert.ok(longer.t > CERTAIN && longer.difference > 0, longer.t);
});
