import type { BodyLimits } from "../../input/reading/limits.js";
import { collectBody } from "../../input/reading/collect.js";
import { HungUp } from "../../input/reading/hung-up.js";
import type { RequestStream } from "./request.js";
import { encode } from "../../runtime/text.js";

/** What reading a stream needs of it. */
export type Unread = Omit<RequestStream, "listenerCount">;

/** Reads an untouched stream to its end. A body that is refused is left paused in the middle. */
export function readStream(stream: Unread, limits: BodyLimits): Promise<Uint8Array> {
  if (stream.destroyed) throw new HungUp();
  return collectBody(limits, stream.headers["content-length"], (body) => {
    // Text if someone called `setEncoding`.
    const add = (chunk: Uint8Array | string) => body.add(typeof chunk === "string" ? encode(chunk) : chunk);
    // In HTTP/2 the body of a stream that was reset just ends.
    const end = () => (stream.aborted ? body.fail(new HungUp()) : body.end());
    const hangUp = (cause?: unknown) => (stream.readableEnded ? end() : body.fail(new HungUp(cause)));
    stream.on("data", add);
    stream.on("end", end);
    stream.on("close", hangUp);
    // Not removed even after a failure, since an error without a listener ends the process. Node closes the stream after an error.
    stream.on("error", hangUp);
    stream.resume();
    return () => {
      // Nothing follows the end, and removing listeners takes as long as adding them.
      if (stream.readableEnded) return;
      stream.removeListener("data", add);
      stream.removeListener("end", end);
      stream.removeListener("close", hangUp);
      stream.pause();
    };
  });
}
