// Pairs that are measured in turn, so that a disturbance affects all of them equally.

/** Rounds before the first that counts, in which the engine compiles what it will run. */
const WARM_UP = 3;

/**
 * Measures the contenders of a group in `rounds` rounds, each time in another order; `measure(run)` measures one. Gives
 * the measurements of each by its name, without those of the rounds that only warm up.
 */
export async function inTurn(makers, { rounds, warmUp }, measure) {
  const measured = {};
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const list = await makers();
    for (const { name, run } of ordered(list, round)) {
      const own = (measured[name] ??= []);
      const found = await measure(run);
      if (round >= warmUp) own.push(found);
    }
  }
  return measured;
}

/** Another begins each round, and every other round runs backwards: each has had each neighbour before it. */
function ordered(list, round) {
  const from = round % list.length;
  const order = [...list.slice(from), ...list.slice(0, from)];
  return round % 2 === 0 ? order : order.reverse();
}

/** Only the quarter of the rounds that took least in all: the processor is slower while others use it. */
export function quietest(measured) {
  const lists = Object.entries(measured);
  const sums = lists[0][1].map((_, round) => lists.reduce((sum, [, own]) => sum + own[round], 0));
  const limit = quantile(sums, 0.25);
  return Object.fromEntries(lists.map(([name, own]) => [name, own.filter((_, round) => sums[round] <= limit)]));
}

/**
 * `time(run)` returns nanoseconds a call. Gives for each contender the median of its times in µs, and of its ratio to the
 * first contender in the same round, with the quartiles.
 */
export async function compare(makers, rounds, time) {
  const times = await inTurn(makers, { rounds, warmUp: WARM_UP }, time);
  const [first] = Object.values(times);
  return Object.entries(times).map(([name, own]) => {
    const { low, median, high } = quartiles(own.map((one, round) => one / first[round]));
    return { name, us: quantile(own, 0.5) / 1000, ratio: median, low, high };
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

export function quartiles(numbers) {
  return { low: quantile(numbers, 0.25), median: quantile(numbers, 0.5), high: quantile(numbers, 0.75) };
}

export function quantile(numbers, part) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.round(part * (sorted.length - 1))];
}
