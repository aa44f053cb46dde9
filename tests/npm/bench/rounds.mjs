// Pairs that are measured in turn, so that a disturbance affects all of them equally.

/** Rounds before the first that counts, in which the engine compiles what it will run. */
const WARM_UP = 3;

/**
 * Measures the contenders of a group in `rounds` rounds, each time in another order; `time(call)` returns nanoseconds a
 * call. Gives for each the median of its times in µs, and of its ratio to the first contender in the same round, with
 * the quartiles.
 */
export async function compare(makers, rounds, time) {
  const times = new Map();
  let first;
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const list = await makers();
    const from = (round + WARM_UP) % list.length;
    for (const { name, run } of [...list.slice(from), ...list.slice(0, from)]) {
      if (!times.has(name)) times.set(name, []);
      const nanoseconds = await time(run);
      if (round >= 0) times.get(name).push(nanoseconds);
    }
    first = times.get(list[0].name);
  }
  return Array.from(times, ([name, own]) => {
    const ratios = own.map((one, round) => one / first[round]);
    return {
      name,
      us: quantile(own, 0.5) / 1000,
      ratio: quantile(ratios, 0.5),
      low: quantile(ratios, 0.25),
      high: quantile(ratios, 0.75),
    };
  });
}

/**
 * Calls in batches that take `batchMs` by the clock, twice as many each time until they do. All of a batch are accepted
 * or none, and they are counted, so that no engine leaves a call out.
 */
export function timer(batchMs, clock = () => performance.now()) {
  return async (run) => {
    for (let calls = 1; ; calls *= 2) {
      let accepted = 0;
      const start = clock();
      for (let call = 0; call < calls; call += 1) {
        let result = run();
        if (result instanceof Promise) result = await result;
        if (result) accepted += 1;
      }
      const spent = clock() - start;
      if (accepted !== 0 && accepted !== calls) throw new Error(`${accepted} of ${calls} calls were accepted`);
      if (spent >= batchMs) return (spent * 1e6) / calls;
    }
  };
}

export function quantile(numbers, part) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.round(part * (sorted.length - 1))];
}
