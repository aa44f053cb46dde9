import type { BodyLimits } from "../../input/reading/limits.js";
import { collectBody } from "../../input/reading/collect.js";
import { HungUp } from "../../input/reading/hung-up.js";
import type { RequestStream } from "./request.js";
import { encode } from "../../runtime/text.js";

/** Reads an untouched stream to its end. A body that is refused is left paused in the middle. */
export async function readStream(stream: RequestStream, limits: BodyLimits): Promise<Uint8Array> {
  if (stream.destroyed) throw new HungUp();
  return collectBody(limits, stream.headers["content-length"], (body) => {
    const listeners = {
      // Text if someone called `setEncoding`.
      data: (chunk: Uint8Array | string) => body.add(typeof chunk === "string" ? encode(chunk) : chunk),
      // In HTTP/2 the body of a stream that was reset just ends.
      end: () => (stream.aborted ? listeners.close() : body.end()),
      close: (cause?: unknown) => body.fail(new HungUp(cause)),
    };
    for (const [event, listener] of Object.entries(listeners)) stream.on(event, listener);
    // Never removed, since an error without a listener ends the process. Node closes the stream after an error.
    stream.on("error", listeners.close);
    stream.resume();
    return () => {
      for (const [event, listener] of Object.entries(listeners)) stream.removeListener(event, listener);
      if (!stream.readableEnded) stream.pause();
    };
  });
}
