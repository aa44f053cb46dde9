// The body that is shown for reading. The verdict on a long one comes first.
import { effect, signal } from "@preact/signals";
import { body } from "./verify.js";

const LONG_BYTES = 10_000;
/** Enough for the frame with the verdict. */
const WAIT_MS = 50;

export const shownBody = signal(body.peek());

effect(() => {
  const next = body.value;
  if (next === null || next.length <= LONG_BYTES) return void (shownBody.value = next);
  const timer = setTimeout(() => (shownBody.value = next), WAIT_MS);
  return () => clearTimeout(timer);
});
