/** The longest a timer can wait. With a longer delay it would not wait at all. */
const MAX_MS = 2 ** 31 - 1;

/** Calls a function later, without keeping the process alive for it. Returns a function that cancels the call. */
export function callAfter(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, Math.min(ms, MAX_MS));
  // An object in Node and Bun, a number elsewhere.
  (timer as { unref?(): void }).unref?.();
  return () => clearTimeout(timer);
}
