// A receiver under test: started as its user starts it, and sent real HTTP.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { makeEvent, signedRequest } from "@dealix/webhooks/testing";
import { startGroup } from "./process.mjs";

export const SECRET = "whsec_examples";
export const examples = join(import.meta.dirname, "../../../examples");
export const event = makeEvent({ type: "deal.won", data: { name: "شركة 😀" } });

/** A delivery of the event, signed with the receivers' secret. */
export const genuine = (url, options) => signedRequest({ secret: SECRET, event, url, ...options });

/** How each receiver must respond, as [what, request, status]; every response body is empty. */
async function deliveries(url) {
  const { headers } = genuine(url);
  return [
    ["a genuine delivery", genuine(url), 204],
    ["another secret's", genuine(url, { secret: "other" }), 400],
    ["an old one", genuine(url, { timestamp: 1_700_000_000 }), 400],
    ["another body", new Request(url, { method: "POST", headers, body: "{}" }), 400],
    ["no header", new Request(url, { method: "POST", body: "{}" }), 400],
    ["no header and no body", new Request(url, { method: "POST" }), 400],
    [
      "a header and no body",
      new Request(url, { method: "POST", headers: { "dealix-signature": headers.get("dealix-signature") } }),
      400,
    ],
    [
      "no JSON by its type",
      new Request(genuine(url), {
        headers: { "dealix-signature": headers.get("dealix-signature"), "content-type": "text/plain" },
      }),
      204,
    ],
    // The last, since a server may close the connection after it.
    ["2 MB", new Request(url, { method: "POST", headers, body: "x".repeat(2_000_000) }), 413],
  ];
}

/**
 * Sends them all, and checks each response. `byHost` has the statuses that the framework sends on its own, with a body
 * that it words itself.
 */
export async function checkAnswers(url, byHost = {}) {
  for (const [what, request, status] of await deliveries(url)) {
    const response = await fetch(request);
    assert.equal(response.status, byHost[what] ?? status, what);
    const answer = await response.text();
    // Nest's parser words its own 413.
    if (status !== 413 && !(what in byHost)) assert.equal(answer, "", what);
  }
}

/** Starts a program, Node by default, in an example's folder or another one. */
export function start(example, words, env, command = "node") {
  const options = { cwd: resolve(examples, example), env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env } };
  // A group, since `deno task` and `bun start` start the receiver as a child.
  const { child, end } = startGroup(command, words, options);
  let ended;
  const closed = once(child, "close").then(([code, signal]) => (ended = code ?? signal));
  const lines = createInterface({ input: child.stdout });
  const printed = [];
  let errors = "";
  lines.on("line", (line) => printed.push(line));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  return {
    process: child,
    errors: () => [...printed, errors].join("\n"),
    /** All that it has printed, once these words are in it, or after five seconds. */
    async log(words) {
      for (const end = Date.now() + 5000; !this.errors().includes(words) && Date.now() < end; ) await wait(20);
      return this.errors();
    },
    /** The address that it prints once it listens. */
    async url(pattern) {
      for (;;) {
        const line = printed.find((line) => pattern.test(line));
        if (line) return pattern.exec(line)[0];
        if (ended !== undefined) throw new Error(`ended with ${ended}: ${errors}`);
        await Promise.race([once(lines, "line"), closed]);
      }
    },
    async stop() {
      if (ended !== undefined) return;
      end();
      await closed;
    },
  };
}

/** Fails unless `log` returns this in a while: a response may arrive before what the server printed about it. */
export async function assertLogged(log, pattern) {
  for (const end = Date.now() + 5000; !pattern.test(log()) && Date.now() < end; ) await wait(20);
  assert.match(log(), pattern);
  return log();
}

/** Sends a part of what it announces, and closes the connection. */
export async function hangUpHalfWay(url) {
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), "localhost");
  await once(socket, "connect");
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nDealix-Signature: t=1,v1=2\r\n\r\n{"half":`,
  );
  await wait(100);
  socket.destroy();
  await wait(200);
}
