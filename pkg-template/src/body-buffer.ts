const FIRST_ROOM_BYTES = 16 * 1024;

/**
 * A body that comes in chunks, up to a limit. Each is copied at once: a chunk that is kept costs far more than its bytes
 * where they come one by one, and a stream may fill it anew.
 */
export class BodyBuffer {
  readonly #maxBytes: number;
  #room: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#room = new Uint8Array(Math.min(FIRST_ROOM_BYTES, maxBytes));
  }

  /** Takes the next chunk; false where the body is too long with it. */
  add(chunk: Uint8Array): boolean {
    const needed = this.#length + chunk.length;
    if (needed > this.#maxBytes) return false;
    if (needed > this.#room.length) this.#grow(Math.min(this.#maxBytes, 2 * needed));
    this.#room.set(chunk, this.#length);
    this.#length = needed;
    return true;
  }

  bytes(): Uint8Array {
    return this.#room.subarray(0, this.#length);
  }

  #grow(length: number): void {
    const larger = new Uint8Array(length);
    larger.set(this.#room);
    this.#room = larger;
  }
}
