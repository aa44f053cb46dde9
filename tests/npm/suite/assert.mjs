// Assertions for every runtime, since not every runtime has Node's.

export function equal(actual, expected, what = "") {
  if (!Object.is(actual, expected)) throw new Error(`${what} expected ${show(expected)}, got ${show(actual)}`.trim());
}

export function same(actual, expected, what = "") {
  equal(JSON.stringify(actual), JSON.stringify(expected), what);
}

export function ok(condition, what) {
  if (!condition) throw new Error(what);
}

/** Returns the error that `run` throws (or its promise rejects with), once its class and code are as expected. */
export function throws(name, code, run, what = "") {
  let result;
  try {
    result = run();
  } catch (error) {
    return checkError(error, name, code, what);
  }
  if (typeof result?.then === "function") {
    return result.then(
      () => Promise.reject(new Error(`${what} expected ${code}, nothing was thrown`.trim())),
      (error) => checkError(error, name, code, what),
    );
  }
  throw new Error(`${what} expected ${code}, nothing was thrown`.trim());
}

function checkError(error, name, code, what) {
  equal(`${error?.name} ${error?.code}`, `${name} ${code}`, `${what} (${error?.stack})`);
  return error;
}

function show(value) {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
