// What a client can do to a receiver, for each adapter, protocol and Node: afterwards a genuine delivery is accepted,
// nothing was thrown or written, and the memory is where it was. Each receiver runs in its own process.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, stream } from "./hostile/clients.mjs";
import { brokenOff, EXCHANGES, genuine, signed, tooLarge } from "./hostile/exchanges.mjs";
import { OWN, start } from "./hostile/receivers.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { wait } from "./support/http.mjs";

const timeout = 80_000;

/** Fails if the receiver does not accept a genuine delivery at once. */
async function assertServes(receiver, after) {
  const client = await Promise.race([open(receiver), wait(5000)]);
  assert.ok(client, `no connection after: ${after}`);
  const status = await Promise.race([genuine(client), wait(5000).then(() => "no answer")]);
  client.close();
  assert.equal(status, 204, `a genuine delivery after: ${after}`);
}

async function exchange(receiver, name) {
  const { run, answers } = EXCHANGES[name];
  const client = await open(receiver);
  try {
    const status = await run(client);
    assert.ok(answers.includes(status), `${name}: answered ${status}, not ${answers.join(" or ")}`);
    // The session survives a refused stream.
    if (client.session) assert.equal(await genuine(stream(client.session)), 204, `the same session after: ${name}`);
  } finally {
    client.close();
  }
}

/** Many bodies over the limit, some at once. */
async function flood(receiver, rounds) {
  for (let round = 0; round < rounds; round += 1) {
    const { session, ...first } = await open(receiver);
    const clients = session
      ? Array.from({ length: 20 }, () => stream(session))
      : await Promise.all(Array.from({ length: 20 }, () => open(receiver)));
    const statuses = await Promise.all(clients.map(tooLarge));
    for (const client of [first, ...clients]) client.close();
    assert.deepEqual(new Set(statuses), new Set([413]));
  }
}

/** A leak grows by 30 MB or more each time; memory that Node keeps for later does not. */
async function assertFlat(receiver) {
  await flood(receiver, 5);
  const grown = [];
  while (grown.length < 3) {
    const before = await receiver.memory();
    await flood(receiver, 15);
    grown.push(((await receiver.memory()) - before) / 1e6);
    if (grown.at(-1) < 15) return;
  }
  assert.fail(`grew by ${grown.join(", ")} MB, each time over 300 bodies`);
}

/** What only HTTP/2 can do. */
const http2Exchanges = {
  async "a client whose window is 0"(receiver) {
    const client = await open({ ...receiver, settings: { initialWindowSize: 0 } });
    assert.equal(await tooLarge(client), 413);
    client.close();
  },
  async "a hundred streams of one session over the limit"(receiver) {
    const { session } = await open(receiver);
    const statuses = await Promise.all(Array.from({ length: 100 }, () => tooLarge(stream(session))));
    assert.deepEqual(new Set(statuses), new Set([413]));
    assert.equal(await genuine(stream(session)), 204);
    session.destroy();
  },
  async "GOAWAY in the middle of a body"(receiver) {
    for (const how of ["goaway", "close", "destroy"]) {
      const client = await open(receiver);
      client.start(signed().headers, 1000);
      await client.write(Buffer.alloc(500));
      await wait(20);
      client.session[how]();
      const status = await client.answer();
      assert.ok(how === "destroy" ? status === null : status === null || status === 408, `${how}: ${status}`);
      client.close();
    }
  },
};

const ADAPTERS = ["node", "Express 5", "Express 4", "Connect", "Koa", "Fastify", "NestJS", "Hono"];
/** What speaks HTTP/2; Express and Nest do not. */
const HTTP2_ADAPTERS = ["node", "Connect", "Koa", "Fastify", "Hono"];
/** The receivers whose memory is measured: the others respond as `node` does. */
const MEASURED = ["node", "Fastify", "Hono"];
const FULL = [
  ...ADAPTERS.map((adapter) => [adapter, "HTTP/1.1"]),
  ["node", "HTTP/1.1 over TLS"],
  ...HTTP2_ADAPTERS.flatMap((adapter) => [
    [adapter, "HTTP/2"],
    [adapter, "HTTP/2 over TLS"],
  ]),
];
/** Each Node has its own HTTP/2. */
const DANGEROUS = [
  ["node", "HTTP/1.1"],
  ...HTTP2_ADAPTERS.map((adapter) => [adapter, "HTTP/2"]),
  ["node", "HTTP/2 over TLS"],
];
const ROWS = {
  "Node 20": DANGEROUS,
  "Node 22": FULL,
  "Node 24": DANGEROUS,
  "Node 26": DANGEROUS,
  Bun: [[OWN, "HTTP/1.1"]],
  Deno: [
    [OWN, "HTTP/1.1"],
    [OWN, "HTTP/2 over TLS"],
  ],
};
const rows = Object.entries(ROWS).flatMap(([runtime, rows]) => rows.map((row) => [runtime, ...row]));

test("hostile exchanges", { concurrency: 8 }, (t) =>
  withFolder((home) =>
    Promise.all(rows.map((row) => t.test(row.join(", "), { timeout }, (t) => runRow(t, home, ...row)))),
  ),
);

async function runRow(t, home, runtime, adapter, protocol) {
  const receiver = await start(home, runtime, adapter, protocol);
  const step = (name, run) =>
    t.test(name, async () => {
      await Promise.race([run(), receiver.ended]);
      await Promise.race([assertServes(receiver, name), receiver.ended]);
    });
  try {
    for (const name of Object.keys(EXCHANGES)) await step(name, () => exchange(receiver, name));
    if (protocol.startsWith("HTTP/2"))
      for (const [name, run] of Object.entries(http2Exchanges)) await step(name, () => run(receiver));
    if (adapter === "node")
      await step("an answer that is broken off", async () => void (await brokenOff(await open(receiver))));
    if (MEASURED.includes(adapter))
      await step("many bodies over the limit, and the memory", () => assertFlat(receiver));
    await t.test("nothing was written", () => assert.equal(receiver.written(), ""));
  } finally {
    receiver.end();
  }
}
