import type { NodeResponse, RequestStream } from "./node-request.js";

const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;
const MAX_DISCARDING_MS = 2000;

/** Sends a status and no body, unless something else has begun an answer. */
export function answer(response: NodeResponse, status: number, headers: Record<string, string> = {}): void {
  if (response.headersSent) return;
  setHead(response, status, headers);
  response.end();
}

/**
 * 413. The answer goes out at once, but the connection is closed only when the client has closed it or sent all, or
 * has had its time: to close on bytes that nobody read resets the connection, and the client would see no answer.
 */
export function answerAndClose({ request, response }: { request: RequestStream; response: NodeResponse }): void {
  if (response.headersSent) return;
  const isHttp1 = (request.httpVersionMajor ?? 1) < 2;
  setHead(response, 413, { "Content-Length": "0", ...(isHttp1 && { Connection: "close" }) });
  (response as { flushHeaders?(): void }).flushHeaders?.();
  discard(request, () => {
    response.end();
    // HTTP/2 has no such header, and goes on to take what the client sends until its stream is reset.
    if (!isHttp1) (response as { stream?: { close?(): void } }).stream?.close?.();
  });
}

function setHead(response: NodeResponse, status: number, headers: Record<string, string>): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Lets what still arrives go by, up to a limit. */
function discard(request: RequestStream, done: () => void): void {
  if (request.readableEnded || request.destroyed || typeof request.on !== "function") return done();
  let bytes = 0;
  const stop = () => {
    clearTimeout(timer);
    for (const event of ["end", "close"]) request.removeListener(event, stop);
    request.removeListener("data", count);
    done();
  };
  const count = ({ length }: Uint8Array) => {
    bytes += length;
    if (bytes > MAX_DISCARDED_BYTES) stop();
  };
  const timer = setTimeout(stop, MAX_DISCARDING_MS);
  for (const event of ["end", "close"]) request.on(event, stop);
  request.on("data", count);
  request.resume();
}
