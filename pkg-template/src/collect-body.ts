import type { HeldBody } from "./body-budget.js";
import { bodyTimeout, bodyTooLarge, type BodyLimits } from "./body-limits.js";
import { callAfter } from "./timer.js";

/** Where a source puts the body. After the end, or a failure, nothing has an effect. */
export interface ArrivingBody {
  add(chunk: Uint8Array): void;
  end(): void;
  fail(error: unknown): void;
}

/**
 * A body out of its chunks, within the limits. `start` sets the source going and returns what stops it. The source may go on after a
 * failure: what it adds then is dropped.
 */
export function collectBody(limits: BodyLimits, contentLength: unknown, start: (body: ArrivingBody) => () => void): Promise<Uint8Array> {
  const { maxBodyBytes, timeoutSeconds, budget } = limits;
  return new Promise((resolve, reject) => {
    if (Number(contentLength) > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
    let room: Uint8Array = new Uint8Array();
    let length = 0;
    let isOver = false;
    let stop: (() => void) | undefined;

    const body: ArrivingBody & HeldBody = {
      add(chunk) {
        const needed = length + chunk.length;
        if (needed > maxBodyBytes) return body.fail(bodyTooLarge(maxBodyBytes));
        // After the end nobody would release what is held.
        if (!isOver && needed > room.length) grow(needed);
        if (isOver) return;
        // Copied: a chunk that is kept costs far more than its bytes where they come one by one, and a stream may fill it anew.
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
      callOff();
      budget.release(body);
      stop?.();
      how();
      // A source that is not done may hold on to this for long.
      room = new Uint8Array();
    }

    const callOff = callAfter(timeoutSeconds * 1000, () => body.fail(bodyTimeout(timeoutSeconds)));
    stop = start(body);
    if (isOver) stop();
  });
}
