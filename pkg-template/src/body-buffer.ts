import { WebhookVerificationError } from "./errors.js";

/** 1 MiB. */
export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

const FIRST_ROOM_BYTES = 16 * 1024;

/** A body that comes in chunks. */
export interface BodyBuffer {
  /** Takes the next chunk; throws `body_too_large` where the body is too long with it. */
  add(chunk: Uint8Array): void;
  bytes(): Uint8Array;
}

/**
 * Room for a body of up to so many bytes; throws `body_too_large` at once where its `Content-Length` says more. Each chunk is
 * copied: one that is kept costs far more than its bytes where they come one by one, and a stream may fill it anew.
 */
export function bodyBuffer(maxBytes: number, contentLength: unknown): BodyBuffer {
  if (Number(contentLength) > maxBytes) throw bodyTooLarge(maxBytes);
  let room = new Uint8Array(Math.min(FIRST_ROOM_BYTES, maxBytes));
  let length = 0;
  return {
    add(chunk) {
      const needed = length + chunk.length;
      if (needed > maxBytes) throw bodyTooLarge(maxBytes);
      if (needed > room.length) {
        const larger = new Uint8Array(Math.min(maxBytes, 2 * needed));
        larger.set(room);
        room = larger;
      }
      room.set(chunk, length);
      length = needed;
    },
    bytes: () => room.subarray(0, length),
  };
}

export function bodyTooLarge(maxBodyBytes: number): WebhookVerificationError {
  return new WebhookVerificationError(
    "body_too_large",
    `The body is over ${maxBodyBytes} bytes.`,
    "Raise `maxBodyBytes` if your events are that large.",
    { maxBodyBytes },
  );
}
