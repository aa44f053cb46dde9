import { quantile } from "../bench/rounds.mjs";

/** The medians and the minima of the second quarter of the time, which comes after the warm-up, and of the last. */
export function quarters(samples, key) {
  const end = samples.at(-1).seconds;
  const summary = (from, to) => {
    const own = samples.filter(({ seconds }) => seconds > from * end && seconds <= to * end).map((one) => one[key]);
    return { median: quantile(own, 0.5), least: Math.min(...own) };
  };
  return { second: summary(0.25, 0.5), last: summary(0.75, 1) };
}
