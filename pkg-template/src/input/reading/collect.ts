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
  return new Promise((resolve, reject) => {
    const announced = Number(contentLength);
    if (announced > limits.maxBodyBytes) throw bodyTooLarge(limits.maxBodyBytes);
    new Collection(limits, announced, resolve, reject).start(start);
  });
}

/** A body in one piece of memory that grows. A class: making closures for each request takes twice as long. */
class Collection implements ArrivingBody, HeldBody {
  readonly #limits: BodyLimits;
  readonly #announced: number;
  readonly #resolve: (body: Uint8Array) => void;
  readonly #reject: (error: unknown) => void;
  #room: Uint8Array | undefined;
  #length = 0;
  #isOver = false;
  #cancel: (() => void) | undefined;
  #stop: (() => void) | undefined;

  constructor(
    limits: BodyLimits,
    announced: number,
    resolve: (body: Uint8Array) => void,
    reject: (error: unknown) => void,
  ) {
    this.#limits = limits;
    this.#announced = announced;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(start: (body: ArrivingBody) => () => void): void {
    const { timeoutSeconds } = this.#limits;
    this.#cancel = callAfter(timeoutSeconds * 1000, () => this.fail(bodyTimeout(timeoutSeconds)));
    this.#stop = start(this);
    if (this.#isOver) this.#stop();
  }

  add(chunk: Uint8Array): void {
    if (this.#isOver) return; // The budget has been released already.
    const { maxBodyBytes, budget } = this.#limits;
    const needed = this.#length + chunk.length;
    if (needed > maxBodyBytes) return void this.fail(bodyTooLarge(maxBodyBytes));
    // Copied: keeping chunks costs far more than their bytes if they arrive one byte at a time, and a stream may
    // reuse a chunk. But most deliveries come in one chunk, and no stream reuses the last.
    const isWhole = this.#length === 0 && needed === this.#announced && needed === chunk.buffer.byteLength;
    if (isWhole) budget.hold(this, needed);
    else if (needed > (this.#room?.length ?? 0)) this.#grow(needed);
    if (this.#isOver) return;
    if (isWhole) this.#room = chunk;
    else this.#room?.set(chunk, this.#length);
    this.#length = needed;
  }

  end(): void {
    if (this.#isOver) return; // Nobody waits for it any more.
    // Memory of its own, even for no bytes, since a caller may transfer it. A chunk that was kept and then transferred has
    // no length.
    const room = this.#room ?? new Uint8Array();
    const body = room.length > this.#length ? room.subarray(0, this.#length) : room;
    this.#settle();
    this.#resolve(body);
  }

  fail(error: unknown): void {
    if (this.#isOver) return; // Nobody waits for it any more.
    this.#settle();
    this.#reject(error);
  }

  #grow(needed: number): void {
    const { maxBodyBytes, budget } = this.#limits;
    const bytes = this.#length === 0 ? needed : Math.min(maxBodyBytes, 2 * needed);
    budget.hold(this, bytes);
    if (this.#isOver) return;
    const larger = new Uint8Array(bytes);
    // A chunk that was kept and then transferred has no length, and `set` would throw.
    if (this.#room?.length) larger.set(this.#room);
    this.#room = larger;
  }

  #settle(): void {
    this.#isOver = true;
    this.#cancel?.();
    this.#limits.budget.release(this);
    this.#stop?.();
    // A source that never ends may keep this alive for a long time.
    this.#room = undefined;
  }
}
