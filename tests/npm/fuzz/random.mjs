/** Chance that a seed repeats. The first numbers of neighbouring seeds have nothing in common. */
export function chance(seed) {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  /** A whole number from 0 to `end` - 1. */
  const below = (end) => Math.floor((next() / 2 ** 32) * end);
  return {
    below,
    /** True that often, in a hundred. */
    percent: (often) => below(100) < often,
    one: (list) => list[below(list.length)],
    shuffled: (list) =>
      list
        .map((one) => [next(), one])
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one),
  };
}
