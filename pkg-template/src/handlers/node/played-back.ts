import type { Unread } from "./read-stream.js";
import type { RequestStream } from "./request.js";

/**
 * The stream of a request whose body was read earlier and is played back to listeners; null for any other request. The
 * helpers of Vercel's Node functions replace `on` and `read`; everything else belongs to the original stream, which has
 * ended.
 */
export function playedBack(stream: RequestStream): Unread | null {
  if (!Object.hasOwn(stream, "on") || !Object.hasOwn(stream, "read")) return null;
  return {
    headers: stream.headers,
    on: (event, listener) => (event === "data" || event === "end" ? stream.on(event, listener) : undefined),
    removeListener() {},
    resume() {},
    pause() {},
  };
}
