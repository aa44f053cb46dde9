/** Runs a function with this machine's clock at another time. */
export async function withClock(seconds, run) {
  const { now } = Date;
  Date.now = () => Math.floor(seconds * 1000);
  try {
    await run();
  } finally {
    Date.now = now;
  }
}

/** Throws unless two values of plain data are equal, the classes of their objects included. */
export function same(call, actual, expected) {
  if (!isSame(actual, expected)) throw new Error(`${call}: ${shown(actual)} instead of ${shown(expected)}`);
}

function isSame(one, other) {
  if (!isObject(one) || !isObject(other)) return Object.is(one, other);
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const names = Reflect.ownKeys(one);
  if (names.length !== Reflect.ownKeys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]));
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}

function shown(value) {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
