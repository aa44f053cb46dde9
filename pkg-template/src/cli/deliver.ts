// A request with its headers exactly as given, which `fetch` would merge, sort and add to.
import { type ClientRequest, type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { type Exchange, type Received, startOf, TIMEOUT_MILLISECONDS, timed } from "./exchange.js";

export type Header = readonly [name: string, value: string];

export interface Delivery {
  readonly method: string;
  /** In the order of the wire. `Host` and `Content-Length` are added. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  /** How many pieces the body is sent in, with a pause between them; 1 by default. */
  readonly pieces?: number;
}

const PAUSE_MILLISECONDS = 250;

/** Sends a delivery over a connection of its own. Redirects are not followed, and it fails after 10 s. */
export function deliver(url: URL, delivery: Delivery): Promise<Exchange> {
  return timed(() => receive(url, delivery));
}

async function receive(url: URL, { method, headers, body, pieces = 1 }: Delivery): Promise<Received> {
  const all = [["Host", url.host], ...headers, ["Content-Length", String(body.length)]];
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  // Without an agent: a connection that is kept open may close just as it is used again.
  const options = { method, headers: all.flat(), agent: false, signal };
  const request = url.protocol === "https:" ? overHttps(url, options) : overHttp(url, options);
  try {
    const responded = headOf(request, signal);
    const [response] = await Promise.all([responded, send(request, body, pieces, responded)]);
    const { statusCode: status = 0 } = response;
    const first = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
    // What follows a 101 is no longer HTTP.
    const rest = await startOf(status === 101 ? [] : response, signal);
    return { status, headers: Object.fromEntries(first), ...rest };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    request.destroy();
  }
}

/** The head of the response. For a 101, Node emits `upgrade` in place of `response`. */
function headOf(request: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // The listeners stay: once there is a response, it no longer matters whether the rest of the body can be sent.
    request.on("response", resolve).on("error", reject);
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response);
    });
    request.on("close", () => reject(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" })));
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

async function send(request: ClientRequest, body: Uint8Array, pieces: number, responded: Promise<unknown>) {
  const length = Math.ceil(body.length / pieces);
  for (let piece = 1; piece < pieces; piece += 1) {
    request.write(body.subarray((piece - 1) * length, piece * length));
    await Promise.race([wait(PAUSE_MILLISECONDS), responded]);
  }
  request.end(body.subarray((pieces - 1) * length));
}
