const FIRST_ROOM_BYTES = 16 * 1024;

/** A body that comes in chunks, up to a limit. */
export interface BodyBuffer {
  /** Takes the next chunk; false where the body is too long with it. */
  add(chunk: Uint8Array): boolean;
  bytes(): Uint8Array;
}

/**
 * Each chunk is copied at once: one that is kept costs far more than its bytes where they come one by one, and a
 * stream may fill it anew.
 */
export function bodyBuffer(maxBytes: number): BodyBuffer {
  let room = new Uint8Array(Math.min(FIRST_ROOM_BYTES, maxBytes));
  let length = 0;
  return {
    add(chunk) {
      const needed = length + chunk.length;
      if (needed > maxBytes) return false;
      if (needed > room.length) {
        const larger = new Uint8Array(Math.min(maxBytes, 2 * needed));
        larger.set(room);
        room = larger;
      }
      room.set(chunk, length);
      length = needed;
      return true;
    },
    bytes: () => room.subarray(0, length),
  };
}
