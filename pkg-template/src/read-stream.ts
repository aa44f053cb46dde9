import type { RequestStream } from "./node-request.js";
import { bodyTooLarge } from "./request.js";
import { encode } from "./text.js";

const FIRST_ROOM_BYTES = 16 * 1024;

/** The client went away before its body was complete: there is nobody to answer. */
export class HungUp extends Error {
  readonly code = "ECONNRESET";

  constructor() {
    super("The client hung up before its body was complete.");
  }
}

/** Reads to the end what nobody has touched. A body that is too long is left paused in the middle. */
export function readStream(stream: RequestStream, maxBytes: number): Promise<Uint8Array> {
  if (stream.destroyed) return Promise.reject(new HungUp());
  if (Number(stream.headers["content-length"]) > maxBytes) return Promise.reject(bodyTooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    // Copied at once: a chunk of one byte would keep alive the whole buffer that the socket filled.
    let room = new Uint8Array(Math.min(FIRST_ROOM_BYTES, maxBytes));
    let length = 0;
    const listeners = {
      data(chunk: Uint8Array | string) {
        // Text where someone called `setEncoding`.
        const bytes = typeof chunk === "string" ? encode(chunk) : chunk;
        if (length + bytes.length > maxBytes) {
          stream.pause();
          return settle(() => reject(bodyTooLarge(maxBytes)));
        }
        room = withRoom(room, length + bytes.length, maxBytes);
        room.set(bytes, length);
        length += bytes.length;
      },
      end: () => settle(() => resolve(room.subarray(0, length))),
      close: () => settle(() => reject(new HungUp())),
    };
    const settle = (how: () => void) => {
      for (const [event, listener] of Object.entries(listeners)) stream.removeListener(event, listener);
      how();
    };
    for (const [event, listener] of Object.entries(listeners)) stream.on(event, listener);
    // It stays, since an error without a listener ends the process. Node closes the stream after it.
    stream.on("error", listeners.close);
    stream.resume();
  });
}

function withRoom(room: Uint8Array<ArrayBuffer>, needed: number, maxBytes: number): Uint8Array<ArrayBuffer> {
  if (needed <= room.length) return room;
  const larger = new Uint8Array(Math.min(maxBytes, Math.max(needed, 2 * room.length)));
  larger.set(room);
  return larger;
}
