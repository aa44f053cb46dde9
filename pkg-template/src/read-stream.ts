import { bodyBuffer } from "./body-buffer.js";
import type { RequestStream } from "./node-request.js";
import { encode } from "./text.js";

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
  return new Promise((resolve, reject) => {
    const body = bodyBuffer(maxBytes, stream.headers["content-length"]);
    const listeners = {
      data(chunk: Uint8Array | string) {
        try {
          // Text where someone called `setEncoding`.
          body.add(typeof chunk === "string" ? encode(chunk) : chunk);
        } catch (error) {
          stream.pause();
          settle(() => reject(error));
        }
      },
      end: () => settle(() => resolve(body.bytes())),
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
