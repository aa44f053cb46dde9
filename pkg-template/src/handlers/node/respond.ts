import { callAfter } from "../../runtime/timer.js";
import type { NodeResponse, RequestStream } from "./request.js";

const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;
const MAX_DISCARDING_MS = 2000;

/**
 * With these statuses the client has more to send than is wanted, and over HTTP/1.1 only closing the connection stops
 * it.
 */
const CLOSING = new Set([408, 413, 503]);

export interface Pair {
  readonly request: RequestStream;
  readonly response: NodeResponse;
}

/**
 * Sends a status without a body, unless something else has begun a response. It is sent at once. The rest of the
 * request's body is discarded up to a limit, and beyond that the client is cut off.
 */
export function respond({ request, response }: Pair, status: number, headers: Record<string, string> = {}): void {
  if (response.headersSent) return;
  const isUnread = typeof request.on === "function" && !request.readableEnded && !request.destroyed;
  const isHttp1 = (request.httpVersionMajor ?? 1) < 2;
  const closes =
    isUnread && isHttp1 && (CLOSING.has(status) || Number(request.headers["content-length"]) > MAX_DISCARDED_BYTES);
  setHead(response, status, closes ? { ...headers, "Content-Length": "0", Connection: "close" } : headers);
  if (closes) {
    // Node closes the connection when the response ends, and closing it while bytes are unread resets it: the client
    // might never see the response. So it ends after the rest has been discarded.
    response.flushHeaders?.();
    discard(request, () => response.end());
    return;
  }
  if (isUnread) discard(request, (isAll) => isAll || cutOff({ request, response }));
  // Nothing is flushed first, so that HTTP/2 sends one frame and does not wait for trailers. Closing the stream during
  // that wait crashes Node.
  response.end();
}

function setHead(response: NodeResponse, status: number, headers: Record<string, string>): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Closes the connection, or only the stream in HTTP/2. */
function cutOff({ request, response }: Pair): void {
  if (response.stream) response.stream.close?.();
  else request.destroy?.();
}

/** Discards what still arrives, within limits, and reports whether that was all of it. */
function discard(request: RequestStream, done: (isAll: boolean) => void): void {
  let bytes = 0;
  const listeners = {
    data: ({ length }: Uint8Array) => {
      bytes += length;
      if (bytes > MAX_DISCARDED_BYTES) stop();
    },
    end: stop,
    close: stop,
    error: stop,
  };
  const cancel = callAfter(MAX_DISCARDING_MS, stop);
  for (const [event, listener] of Object.entries(listeners)) request.on(event, listener);
  request.resume();

  function stop(): void {
    cancel();
    for (const [event, listener] of Object.entries(listeners)) request.removeListener(event, listener);
    done(request.readableEnded === true);
  }
}
