import type { HeldBody } from "./budget.js";
import { bodyTimeout, bodyTooLarge, type BodyLimits } from "./limits.js";
import { callAfter } from "../../runtime/timer.js";

/** Where a source puts the body. After `end` or `fail`, nothing more is accepted. */
export interface ArrivingBody {
  add(chunk: Uint8Array): void;
  end(): void;
  fail(error: unknown): void;
}

/**
 * Collects a body from its chunks, within the limits. `start` starts the source and returns a function that stops it. A
 * source may continue after a failure: whatever it adds then is dropped.
 */
export function collectBody(
  limits: BodyLimits,
  contentLength: unknown,
  start: (body: ArrivingBody) => () => void,
): Promise<Uint8Array> {
  const { maxBodyBytes, timeoutSeconds, budget } = limits;
  return new Promise((resolve, reject) => {
    if (Number(contentLength) > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
    let room: Uint8Array = new Uint8Array();
    let length = 0;
    let isOver = false;
    let stop: (() => void) | undefined;

    const body: ArrivingBody & HeldBody = {
      add(chunk) {
        // The budget has been released already.
        if (isOver) return;
        const needed = length + chunk.length;
        if (needed > maxBodyBytes) return body.fail(bodyTooLarge(maxBodyBytes));
        if (needed > room.length) grow(needed);
        if (isOver) return;
        // Copied: keeping chunks costs far more than their bytes if they arrive one byte at a time, and a stream may
        // reuse a chunk.
        room.set(chunk, length);
        length = needed;
      },
      end: () => settle(() => resolve(room.subarray(0, length))),
      fail: (error) => settle(() => reject(error)),
    };

    function grow(needed: number): void {
      const bytes = length === 0 ? needed : Math.min(maxBodyBytes, 2 * needed);
      budget.hold(body, bytes);
      if (isOver) return;
      const larger = new Uint8Array(bytes);
      larger.set(room);
      room = larger;
    }

    function settle(how: () => void): void {
      if (isOver) return;
      isOver = true;
      cancel();
      budget.release(body);
      stop?.();
      how();
      // A source that never ends may keep this closure alive for a long time.
      room = new Uint8Array();
    }

    const cancel = callAfter(timeoutSeconds * 1000, () => body.fail(bodyTimeout(timeoutSeconds)));
    stop = start(body);
    if (isOver) stop();
  });
}
