// dudect's test (Reparaz, Balasch and Verbauwhede, 2017): whether the times of two classes have the same mean, by Welch's t.
// It is made for all times and for those below each of a hundred percentiles, since a long tail hides a small difference.

const CROPS = 100;

/** From here on a difference is suspicious, and certain, as dudect has it. */
export const SUSPICIOUS = 4.5;
export const CERTAIN = 10;

/**
 * Of the test with the largest |t|: `t`, how many times it compares, and how much longer the class 1 takes on average.
 * `classes` has 0 or 1 for each time.
 */
export function largestT(times, classes) {
  const tests = limits(times).map((limit) => compare(times, classes, limit));
  return tests.reduce((largest, test) => (Math.abs(test.t) > Math.abs(largest.t) ? test : largest));
}

/** More of them lie in the tail; the last leaves nothing out. */
function limits(times) {
  const sorted = Float64Array.from(times).sort();
  const parts = Array.from({ length: CROPS }, (_, index) => 1 - 0.5 ** ((10 * (index + 1)) / CROPS));
  return [...parts.map((part) => sorted[Math.floor(part * (sorted.length - 1))]), Number.POSITIVE_INFINITY];
}

/** Welch's t for the times below a limit; 0 if there are too few to say. */
function compare(times, classes, limit) {
  const [n, mean, squares] = [
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  for (let index = 0; index < times.length; index += 1) {
    const time = times[index];
    if (time >= limit) continue;
    const own = classes[index];
    n[own] += 1;
    const distance = time - mean[own];
    mean[own] += distance / n[own];
    squares[own] += distance * (time - mean[own]);
  }
  const [first, second] = n.map((count, own) => squares[own] / (count - 1) / count);
  const difference = mean[1] - mean[0];
  const t = difference / Math.sqrt(first + second);
  return { t: Number.isFinite(t) ? t : 0, n: n[0] + n[1], difference };
}
