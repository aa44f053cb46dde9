// One exchange at a time over HTTP/1.1 or HTTP/2, in the steps that a hostile client takes.
import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { PATH, wait } from "../support/http.mjs";

const ANSWER_MS = 8000;

/**
 * What all clients have: `start`, `write`, `end`, `answer` (the status, or null if the server broke off) and `abort`.
 */
export function open(target) {
  return target.protocol.startsWith("HTTP/2") ? http2(target) : http1(target);
}

async function http1({ port, protocol, keepsConnections }) {
  const isSecure = protocol.endsWith("TLS");
  const host = "127.0.0.1";
  const socket = isSecure ? connectTls({ port, host, rejectUnauthorized: false }) : connect({ port, host });
  let text = "";
  let answers = 0;
  let isChunked;
  socket
    .setEncoding("latin1")
    .on("data", (more) => (text += more))
    .on("error", () => {});
  await once(socket, isSecure ? "secureConnect" : "connect");
  return {
    start(headers, length) {
      isChunked = length === undefined;
      const framing = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      socket.write([`POST ${PATH} HTTP/1.1`, "Host: localhost", ...lines, framing, "", ""].join("\r\n"));
    },
    async write(bytes) {
      const framed = isChunked
        ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")])
        : bytes;
      if (!socket.write(framed))
        await Promise.race([once(socket, "drain").catch(() => {}), once(socket, "close"), wait(ANSWER_MS)]);
    },
    end(trailers = {}) {
      const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`);
      if (isChunked) socket.write(`0\r\n${lines.join("")}\r\n`);
    },
    async answer() {
      const statuses = () => Array.from(text.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g), ([, status]) => Number(status));
      for (const from = Date.now(); statuses().length <= answers; await wait(5)) {
        if (socket.readableEnded || socket.destroyed) return null;
        if (Date.now() - from > ANSWER_MS) throw new Error("no answer");
      }
      answers += 1;
      return statuses()[answers - 1];
    },
    abort: () => (isSecure ? socket.destroy() : socket.resetAndDestroy()),
    close: () => socket.destroy(),
    /** Whether the connection takes another delivery after a body that was refused. */
    isReusable: keepsConnections,
  };
}

async function http2({ port, protocol, settings }) {
  const isSecure = protocol.endsWith("TLS");
  // In megabytes: what the client has yet to send counts, too.
  const maxSessionMemory = 100;
  const session = connectHttp2(`${isSecure ? "https" : "http"}://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    settings,
    maxSessionMemory,
  });
  session.on("error", () => {});
  await once(session, "connect");
  return { ...stream(session), session };
}

/** One exchange over an HTTP/2 session. */
export function stream(session) {
  let one;
  let trailing;
  return {
    start(headers, length) {
      const all = {
        ":method": "POST",
        ":path": PATH,
        ...headers,
        ...(length !== undefined && { "content-length": length }),
      };
      one = session.request(all, { endStream: false, waitForTrailers: true });
      one.on("wantTrailers", () => one.sendTrailers(trailing ?? {})).on("error", () => {});
      const status = once(one, "response").then(([answer]) => answer[":status"]);
      const closed = once(one, "close").then(
        () => null,
        () => null,
      );
      one.status = Promise.race([status, closed, wait(ANSWER_MS).then(() => undefined)]);
      one.status.catch(() => {});
      status.catch(() => {});
      one.resume();
    },
    async write(bytes) {
      if (one.writable && !one.write(bytes))
        await Promise.race([once(one, "drain").catch(() => {}), once(one, "close").catch(() => {}), wait(ANSWER_MS)]);
    },
    end(trailers) {
      trailing = trailers;
      one.end();
    },
    async answer() {
      const status = await one.status;
      if (status === undefined) throw new Error("no answer");
      return status;
    },
    abort: () => one.close(constants.NGHTTP2_CANCEL),
    close: () => session.destroy(),
    isReusable: false,
  };
}
