import { quantile } from "../bench/rounds.mjs";

/** The medians and the minima of the third quarter of the time, and of the last. Before them, runtimes warm up. */
export function quarters(samples, key) {
  const end = samples.at(-1).seconds;
  const summary = (from, to) => {
    const own = samples.filter(({ seconds }) => seconds > from * end && seconds <= to * end).map((one) => one[key]);
    return { median: quantile(own, 0.5), least: Math.min(...own) };
  };
  return { third: summary(0.5, 0.75), last: summary(0.75, 1) };
}
