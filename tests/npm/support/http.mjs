// What the tests of the Node handlers share: a server on a free port, raw sockets, and console.error under watch.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { signPayload } from "@dealix/webhooks";

export const SECRET = "whsec_handlers";
export const PATH = "/webhooks/dealix";
export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A signed delivery for `fetch`. */
export function delivery({
  body = serializeEnvelope(makeEvent({ type: "deal.won", data: { name: "شركة 😀" } })),
  secret = SECRET,
  headers,
} = {}) {
  return {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", "Dealix-Signature": signPayload({ secret, body }), ...headers },
    signal: AbortSignal.timeout(10_000),
  };
}

/** The raw connections of a test: one that fails must not keep the process alive. */
const connections = new Set();

/** Runs with a server that listens on this machine alone, and closes it. */
export async function withServer(server, run) {
  if (!server.listening) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const { port } = server.address();
  try {
    return await run(`http://127.0.0.1:${port}${PATH}`, port);
  } finally {
    for (const socket of connections) socket.destroy();
    connections.clear();
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** What `run` wrote to console.error, and a failure where a promise was rejected with nobody to see it. */
export async function consoleErrors(run) {
  const { error } = console;
  const errors = [];
  const strays = [];
  const onStray = (reason) => strays.push(reason);
  console.error = (...words) => errors.push(words[0]);
  process.on("unhandledRejection", onStray).on("uncaughtException", onStray);
  try {
    await run();
    await wait(20);
  } finally {
    console.error = error;
    process.off("unhandledRejection", onStray).off("uncaughtException", onStray);
  }
  assert.deepEqual(strays, []);
  return errors;
}

/** A raw connection: `received()` is all that has arrived as text. */
export async function rawConnection(port) {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  connections.add(socket);
  let text = "";
  const failures = [];
  socket.setEncoding("latin1").on("data", (more) => (text += more));
  socket.on("error", ({ code }) => failures.push(code));
  const ended = Promise.race([once(socket, "end"), once(socket, "close")]);
  ended.catch(() => {});
  await once(socket, "connect");
  return {
    socket,
    failures,
    ended,
    received: () => text,
    async until(pattern, ms = 5000) {
      for (const end = Date.now() + ms; !pattern.test(text); await wait(5)) {
        if (Date.now() > end) throw new Error(`no ${pattern} within ${ms} ms in ${JSON.stringify(text)}`);
      }
      return text;
    },
  };
}

/** The head of a delivery, as it goes over the wire. */
export function head({ headers }, ...lines) {
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${PATH} HTTP/1.1`, "Host: localhost", ...own, ...lines, "", ""].join("\r\n");
}
