// The report card: it passes right receivers, finds each planted fault, and raises no false alarm. The examples' own
// cards are in their tests.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { Webhook } from "@dealix/webhooks";
import { nodeHandler } from "@dealix/webhooks/node";
import { ReplayGuard } from "@dealix/webhooks/replay";
import { assertCleanCard, cardOf } from "./check/card.mjs";
import { FAULTS, receiver } from "./check/receivers.mjs";
import { start } from "./runtimes/receiver.mjs";
import { answer, environment, run, SECRET } from "./support/command.mjs";

async function serve(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}/hook`;
}

const LEAK = "the answer contains the secret, or the right signature";

/** The sections that the README has, as links name them. */
const sections = Array.from(
  readFileSync(new URL("../../node_modules/@dealix/webhooks/README.md", import.meta.url), "utf8").matchAll(
    /^#+ (.*)$/gm,
  ),
  ([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
);

for (const [name, { fails, notes = [], ...fault }] of Object.entries(FAULTS)) {
  test(`cli: check a receiver with this fault: ${name}`, { timeout: 60_000 }, async (t) => {
    const found = await cardOf(await serve(t, receiver(SECRET, fault)), SECRET);
    assert.deepEqual([found.fails, found.notes], [fails, notes]);
    assert.equal(found.code, fails.length === 0 ? 0 : 1);
    for (const { result, why, cure, docs, problem } of found.card.checks) {
      const isRight = result === "pass";
      assert.equal(problem === null, isRight);
      for (const text of [why, cure, docs]) assert.equal(text === undefined, isRight);
      if (isRight) continue;
      const [page, section] = docs.split("#");
      assert.equal(page, "https://docs.dealix.com/webhooks/javascript");
      assert.ok(sections.includes(section), section);
    }
  });
}

/** `cargo xtask test` installs it. */
const python = process.env.DEALIX_PYTHON;
assert.ok(python, "DEALIX_PYTHON must name a Python that has Stripe's SDK");

/** Stripe's SDKs look back only: a time in the future is accepted. */
const STRIPE_NOTES = ["future", "milliseconds"];

for (const [fault, fails] of [
  ["", []],
  ["dumps", ["arabic", "spelling", "final-newline", "slow", "added-space"]],
  ["age", ["stale"]],
  ["example", ["non-ascii", "no-object"]],
]) {
  const name = fault === "" ? "without a fault" : `with the fault "${fault}"`;
  test(`cli: check a receiver in Python on Stripe's SDK, ${name}`, { timeout: 60_000 }, async () => {
    const words = [new URL("check/stripe_receiver.py", import.meta.url).pathname, fault];
    const server = start("node", words, { DEALIX_WEBHOOK_SECRET: SECRET }, python);
    try {
      const found = await cardOf(await server.url(/http:\S+/), SECRET);
      assert.deepEqual([found.fails, found.notes], [fails, STRIPE_NOTES]);
    } finally {
      await server.stop();
    }
  });
}

test("cli: check --previous-secret-env: a receiver must hold both secrets", { timeout: 60_000 }, async (t) => {
  const previous = "whsec_previous";
  const env = { ...environment, DEALIX_PREVIOUS: previous };
  const check = async (secret) => {
    const handler = nodeHandler({ secret, onEvent: () => {}, onError: () => {} });
    const url = await serve(t, createServer(handler));
    const words = ["check", "--to", url, "--json", "--previous-secret-env", "DEALIX_PREVIOUS"];
    return JSON.parse((await run(words, { env })).stdout);
  };
  assert.equal((await check([SECRET, previous])).failed, 0);
  const alone = await check(SECRET);
  assert.deepEqual(
    alone.checks.filter(({ result }) => result === "fail").map(({ name }) => name),
    ["previous-secret"],
  );
});

test("cli: check finds a leak of the signature under the previous secret", { timeout: 60_000 }, async (t) => {
  const previous = "whsec_previous";
  const webhook = new Webhook([SECRET, previous]);
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { valid } = webhook.check(body, request.headers);
    const time = /t=(\d+)/.exec(request.headers["dealix-signature"])?.[1];
    const right = createHmac("sha256", previous).update(`${time}.`).update(body).digest("hex");
    response.writeHead(valid ? 204 : 400).end(valid ? "" : right);
  });
  const words = ["check", "--to", await serve(t, server), "--json", "--previous-secret-env", "DEALIX_PREVIOUS"];
  const { checks } = JSON.parse((await run(words, { env: { ...environment, DEALIX_PREVIOUS: previous } })).stdout);
  assert.equal(checks.find(({ name }) => name === "forged").problem, LEAK);
});

test("cli: check accepts a guard's 503 to an event in progress", {
  timeout: 60_000,
}, async (t) => {
  const guard = new ReplayGuard();
  const work = () => new Promise((resolve) => setTimeout(resolve, 100));
  const onEvent = (event) => guard.run(event.id, work);
  const url = await serve(t, createServer(nodeHandler({ secret: SECRET, onEvent, onError: () => {} })));
  await assertCleanCard(url, SECRET);
  const { card } = await cardOf(url, SECRET);
  const { statuses } = card.checks.find(({ name }) => name === "concurrent-duplicates");
  assert.deepEqual(statuses.toSorted(), [204, 503, 503, 503, 503]);
});

test("cli: check says in one sentence that nothing there is a receiver", { timeout: 60_000 }, async (t) => {
  const page =
    (status, headers = {}) =>
    async () => {
      const { url } = await answer(t, (request, response) => {
        request.resume().on("end", () => response.writeHead(status, headers).end("<html><body>a page</body></html>"));
      });
      return url;
    };
  const breaksOff = async () => (await answer(t, (request) => request.destroy())).url;
  for (const [address, code, sentence] of [
    [() => "http://127.0.0.1:1/", 2, /^No answer \(ECONNREFUSED\): Nothing listens there/],
    [() => "http://receiver.invalid/", 2, /^No answer \((ENOTFOUND|EAI_AGAIN)\): No address is known/],
    [breaksOff, 2, /^No answer \(ECONNRESET\): The connection was closed/],
    [page(404), 2, /^It answers 404 even to a genuine delivery, so there is no receiver there: There is no such route/],
    [
      page(302, { Location: "/login" }),
      2,
      /^It answers 302 even to a genuine delivery: Dealix does not follow redirects/,
    ],
    [page(200), 1, /^It answers 200 to everything, even what is forged or unsigned/],
    [page(400), 1, /^It answers 400 even to a genuine delivery: is DEALIX_WEBHOOK_SECRET the receiver's secret/],
    [page(401), 1, /^It answers 401 even to a genuine delivery: is DEALIX_WEBHOOK_SECRET/],
    [page(500), 1, /^It answers 500 even to a genuine delivery: The receiver failed/],
  ]) {
    const url = await address();
    const found = await cardOf(url, SECRET);
    assert.match(found.card.error, sentence);
    assert.equal(found.code, code, found.card.error);
    const inWords = await run(["check", "--to", url]);
    assert.equal(inWords.code, code);
    assert.equal(inWords.stdout, "");
    assert.equal(inWords.stderr.trimEnd().split("\n").length, 1);
    assert.ok(inWords.stderr.includes(found.card.error));
  }
});

test("cli: check shows its progress and each cure once, and no secret", { timeout: 60_000 }, async (t) => {
  const fault = FAULTS["parses the body and writes it again"];
  const { code, stdout } = await run(["check", "--to", await serve(t, receiver(SECRET, fault))]);
  assert.equal(code, 1);
  assert.match(stdout, /^✓ valid +a genuine delivery +204 +\d+ ms$/m);
  assert.match(stdout, /^✗ escaped .*\n +it refused this with 400; expected 2xx$/m);
  assert.match(
    stdout,
    /^escaped, spelling, final-newline\n +Why it matters: .*\n +What to do: .*\n +https:.*#body_parsed$/m,
  );
  assert.match(stdout, /^\d+ passed, 4 failed, 0 to note$/m);
  assert.match(stdout, /cannot be seen from here/);
  assert.equal(stdout.match(/What to do/g).length, 2);
  assert.ok(!stdout.includes(SECRET));
});

test("cli: check and the package agree on what is genuine", {
  timeout: 60_000,
}, async (t) => {
  const webhook = new Webhook(SECRET);
  const seen = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { valid } = webhook.check(body, request.headers);
    const { "user-agent": agent, "dealix-event-id": id, "dealix-event-type": type } = request.headers;
    seen.push({ valid, agent, id, type, text: String(body), length: body.length });
    response.writeHead(valid ? 204 : 400).end();
  });
  const { card } = await cardOf(await serve(t, server), SECRET);
  assert.equal(card.failed, 0);
  assert.ok(seen.every(({ agent }) => agent === "Dealix-Webhooks/1.0"));
  assert.ok(seen.every(({ id, type }) => id && type));
  const whole = seen.filter(({ valid, text }) => valid && text.includes('"id":'));
  assert.ok(whole.length > 15);
  for (const { id, type, text } of whole) {
    assert.ok(text.includes(`"id":"${id}"`) && text.includes(`"type":"${type}"`), text.slice(0, 200));
  }
  assert.ok(seen.some(({ valid, length }) => valid && length === 1024 * 1024));
});
