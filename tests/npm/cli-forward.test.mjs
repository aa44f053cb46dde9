// `listen --forward-to` passes deliveries on, byte for byte.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { signPayload } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";
import { listen, SECRET } from "./support/command.mjs";
import { isSigned, send, target } from "./support/target.mjs";

const MIB = 1024 * 1024;

/** Sends headers exactly as they are given. */
async function sendRaw(url, headers, body) {
  const request = httpRequest(url, { method: "POST", agent: false, headers: headers.flat() });
  request.end(body);
  const [response] = await once(request, "response");
  response.resume();
  return response;
}

test("cli: listen --forward-to keeps all but the connection's headers", {
  timeout: 60_000,
}, async (t) => {
  const { got, url: to } = await target(t, (_request, response) => response.writeHead(202).end("accepted"));
  const { url, line } = await listen(t, ["--json", "--forward-to", to]);
  const body = Buffer.from(
    '{"id":"evt_1","type":"a","customer_id":"c","timestamp":1,"api_version":"v1", "data":{"n": "شركة"}}\r\n',
  );
  const kept = [
    ["dealix-SIGNATURE", signPayload({ secret: SECRET, body })],
    ["X-Twice", "1"],
    ["x-twice", "2"],
    ["X-Latin", "\xe9t\xe9"],
    ["Content-Type", "application/json; charset=utf-8"],
  ];
  const own = [
    ["Connection", "close, X-Hop"],
    ["X-Hop", "1"],
    ["Keep-Alive", "5"],
    ["TE", "trailers"],
    ["Host", "tunnel.example"],
    ["Content-Length", String(body.length)],
  ];
  const response = await sendRaw(url, [...own, ...kept], body);
  assert.equal(response.statusCode, 202);
  const [one] = got;
  assert.equal(one.url, "/hook?tenant=1");
  assert.deepEqual(one.body, body);
  const expected = [
    ["Host", new URL(to).host],
    ...kept,
    ["Dealix-Forwarded-By", one.headers["dealix-forwarded-by"]],
    ["Content-Length", String(body.length)],
    ["Connection", "close"],
  ];
  assert.deepEqual(one.rawHeaders, expected.flat());
  const { valid, forwarded } = JSON.parse(await line());
  assert.equal(valid, true);
  assert.deepEqual([forwarded.status, forwarded.answered, forwarded.advice], [202, 202, null]);
});

test("cli: listen passes on what it refuses, and shows both answers", { timeout: 60_000 }, async (t) => {
  const statuses = [400, 204, 503];
  const { got, url: to } = await target(t, (_request, response) => {
    response.writeHead(statuses.shift(), { "Retry-After": "7" }).end();
  });
  const { url, line } = await listen(t, ["--forward-to", to]);
  const forged = () => send(url, {}, { secret: "whsec_other" });
  const lines = async (count) => (await Promise.all(Array.from({ length: count }, line))).join("\n");
  assert.equal((await forged()).status, 400);
  assert.match(await lines(4), /✗ signature_mismatch\n[^]*\n {2}✓ the target answered 400 after/);
  assert.equal((await forged()).status, 204);
  assert.match(await lines(5), /✗ the target answered 204 [^]*accepted a delivery that is not genuine/);
  const busy = await send(url);
  assert.deepEqual([busy.status, busy.headers.get("Retry-After")], [503, "7"]);
  assert.match(await lines(3), /✓ deal\.won [^]*✗ the target answered 503 [^]*Dealix tries again/);
  assert.equal(got.length, 3);
});

test("cli: listen --resign signs what is genuine now, and nothing else", { timeout: 60_000 }, async (t) => {
  const { got, url: to } = await target(t);
  const { url, line } = await listen(t, ["--json", "--forward-to", to, "--resign", "--max-age-seconds", "9000"]);
  const timestamp = Math.floor(Date.now() / 1000) - 3600;
  assert.equal((await send(url, {}, { timestamp })).status, 204);
  assert.equal(isSigned(got[0]), true);
  assert.equal((await send(url, {}, { secret: "whsec_other" })).status, 400);
  assert.equal((await send(url, {}, { timestamp: timestamp - 9000 })).status, 400);
  assert.equal(got.length, 1, "what is not genuine is never signed");
  assert.ok(JSON.parse(await line()).forwarded);
  assert.equal(JSON.parse(await line()).forwarded, undefined);
});

test("cli: listen forwards many at once, up to the body limit", { timeout: 60_000 }, async (t) => {
  const { got, url: to } = await target(t, (_request, response, { body }) => {
    setTimeout(() => response.writeHead(JSON.parse(body).data.status).end(), 500);
  });
  const { url } = await listen(t, ["--json", "--forward-to", to]);
  const start = performance.now();
  const statuses = Array.from({ length: 60 }, (_, number) => 200 + number);
  const answers = await Promise.all(statuses.map((status) => send(url, { data: { status: 200 + (status % 5) } })));
  assert.deepEqual(
    answers.map(({ status }) => status),
    statuses.map((status) => 200 + (status % 5)),
  );
  assert.ok(performance.now() - start < 10_000);
  const empty = serializeEnvelope(makeEvent({ type: "deal.won", data: { status: 204, text: "" } }));
  const full = empty.replace('"text":""', `"text":"${"x".repeat(MIB - empty.length)}"`);
  for (const [body, status] of [
    [full, 204],
    [`${full} `, 413],
  ]) {
    assert.equal((await fetch(signedRequest({ secret: SECRET, body, url }))).status, status);
  }
  assert.equal(got.length, 61);
  assert.equal(got.at(-1).body.length, MIB);
});
