/** What the package calls on its way through a verification, in either way to hash. */
const HOOKS = [
  [Uint8Array.prototype, "set"],
  [TextEncoder.prototype, "encodeInto"],
  [Buffer.prototype, "write"],
  [String.prototype, "charCodeAt"],
  [Object, "getPrototypeOf"],
  [Date, "now"],
];

/**
 * Runs something, and acts at the call of that number among those that it makes; what the act itself calls does not
 * count. Returns what it returned, and whether there was such a call.
 */
export function actingAt(number, act, run) {
  let calls = 0;
  let isActing = false;
  const originals = HOOKS.map(([owner, name]) => owner[name]);
  for (const [index, [owner, name]] of HOOKS.entries()) {
    owner[name] = function (...words) {
      if (!isActing && calls++ === number) {
        isActing = true;
        try {
          act();
        } finally {
          isActing = false;
        }
      }
      return Reflect.apply(originals[index], this, words);
    };
  }
  try {
    return { result: run(), acted: calls > number };
  } finally {
    for (const [index, [owner, name]] of HOOKS.entries()) owner[name] = originals[index];
  }
}
