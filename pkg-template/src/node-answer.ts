import type { NodeResponse, RequestStream } from "./node-request.js";
import { callAfter } from "./timer.js";

const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;
const MAX_DISCARDING_MS = 2000;

/** After these the client has more to send than is wanted: a connection that cannot leave it out is closed. */
const CLOSING = new Set([408, 413, 503]);

export interface Pair {
  readonly request: RequestStream;
  readonly response: NodeResponse;
}

/**
 * Sends a status and no body, unless something else has begun an answer. It goes out at once, and what is left of the request's body goes
 * by, up to a limit; beyond it the client is cut off.
 */
export function answer({ request, response }: Pair, status: number, headers: Record<string, string> = {}): void {
  if (response.headersSent) return;
  const isUnread = typeof request.on === "function" && !request.readableEnded && !request.destroyed;
  const isHttp1 = (request.httpVersionMajor ?? 1) < 2;
  const closes = isUnread && isHttp1 && (CLOSING.has(status) || Number(request.headers["content-length"]) > MAX_DISCARDED_BYTES);
  setHead(response, status, closes ? { ...headers, "Content-Length": "0", Connection: "close" } : headers);
  if (closes) {
    // Ended later: Node then closes the connection, and to close on bytes that nobody read resets it, so that the client may see no answer.
    response.flushHeaders?.();
    discard(request, () => response.end());
    return;
  }
  if (isUnread) discard(request, (isAll) => isAll || cutOff({ request, response }));
  // Nothing is flushed before: HTTP/2 then sends one frame and waits for no trailers, during which to close the stream is to crash.
  response.end();
}

function setHead(response: NodeResponse, status: number, headers: Record<string, string>): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** The connection, or of HTTP/2 the stream alone. */
function cutOff({ request, response }: Pair): void {
  if (response.stream) response.stream.close?.();
  else request.destroy?.();
}

/** Lets what still arrives go by, within limits, and tells whether that was all. */
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
  const callOff = callAfter(MAX_DISCARDING_MS, stop);
  for (const [event, listener] of Object.entries(listeners)) request.on(event, listener);
  request.resume();

  function stop(): void {
    callOff();
    for (const [event, listener] of Object.entries(listeners)) request.removeListener(event, listener);
    done(request.readableEnded === true);
  }
}
