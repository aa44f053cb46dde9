// What users of webhook libraries complain of most. Each test makes the mistake for real and shows that here it is
// none, or that the error names the cause and the cure, and that the cure works.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import express from "express";
import { Miniflare } from "miniflare";
import { signPayload, verifySignature, Webhook } from "@dealix/webhooks";
import { nodeHandler } from "@dealix/webhooks/node";
import { diagnose, makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";

const run = promisify(execFile);
const SECRET = "whsec_pains";
const event = makeEvent({ type: "deal.won", data: { amount: 12500.5, name: "Zoë" } });
const body = serializeEnvelope(event);

/** Serves an Express app or a handler, sends it a genuine delivery, and returns the outcome. */
async function deliverTo(t, app) {
  const server = createServer(app).listen(0, "127.0.0.1");
  t.after(() => (server.closeAllConnections(), server.close()));
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/webhooks/dealix`;
  const response = await fetch(signedRequest({ secret: SECRET, event, url }), { signal: AbortSignal.timeout(5_000) });
  return { status: response.status, text: await response.text() };
}

test("pain: the body was parsed before it was verified", { timeout: 20_000 }, async (t) => {
  const received = [];
  const handler = nodeHandler({ secret: SECRET, onEvent: (event) => received.push(event.id) });
  const errors = [];
  const wrong = express().use(express.json()).post("/webhooks/dealix", handler);
  wrong.use((error, _request, response, _next) => (errors.push(error), response.status(500).end()));
  assert.equal((await deliverTo(t, wrong)).status, 500, "at once, not never");
  assert.equal(`${errors[0].name} ${errors[0].code}`, "WebhookUsageError body_parsed");
  assert.match(errors[0].message, /express\.json\(\)/);
  assert.ok(!errors[0].message.includes("Zoë"));

  const right = express().post("/webhooks/dealix", handler).use(express.json());
  assert.equal((await deliverTo(t, right)).status, 204);
  assert.deepEqual(received, [event.id]);
});

test("pain: a synchronous call that fails on edge runtimes", { timeout: 60_000 }, async (t) => {
  const folder = mkdtempSync(join(import.meta.dirname, "worker-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const entry = join(folder, "worker.mjs");
  writeFileSync(
    entry,
    `
    import Stripe from "stripe";
    import { Webhook } from "@dealix/webhooks";
    const attempt = (run) => { try { return String(run()); } catch (error) { return error.message; } };
    export default {
      async fetch(request) {
        const body = await request.text();
        const header = request.headers.get("dealix-signature");
        const stripe = new Stripe("sk_test_1");
        return Response.json({
          peer: attempt(() => stripe.webhooks.constructEvent(body, header, "${SECRET}").id),
          ours: attempt(() => new Webhook("${SECRET}").verify(body, request.headers).id),
        });
      },
    };`,
  );
  const worker = new Miniflare({
    modules: await bundleWorker(entry),
    modulesRoot: "/",
    cf: false,
    compatibilityDate: "2026-04-01",
  });
  t.after(() => worker.dispose());
  const response = await worker.dispatchFetch("http://worker.example/", {
    method: "POST",
    body,
    headers: { "dealix-signature": signPayload({ secret: SECRET, body }) },
  });
  const { peer, ours } = await response.json();
  assert.match(peer, /synchronous context/, "the pain is real");
  assert.equal(ours, event.id);
});

test("pain: a Headers object, array values or other case crash it", () => {
  const header = signPayload({ secret: SECRET, body });
  const webhook = new Webhook(SECRET);
  for (const headers of [
    new Headers({ "Dealix-Signature": header }),
    { "dealix-signature": header },
    { "DEALIX-SIGNATURE": header },
    { "dealix-signature": [header] },
    new Map([["dealix-signature", header]]),
    Object.assign(Object.create(null), { "Dealix-Signature": header }),
    [header],
    header,
  ]) {
    assert.equal(webhook.verify(body, headers).id, event.id);
  }
  for (const headers of [
    undefined,
    null,
    {},
    [],
    new Headers(),
    { "dealix-signature": undefined },
    { "dealix-signature": [] },
  ]) {
    assert.equal(webhook.check(body, headers).error.code, "malformed_header");
  }
});

test("pain: a secret with a newline, as a file or `echo` leaves it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "dealix-secret-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "secret");
  writeFileSync(file, `${SECRET}\n`);
  const script = `
    import { readFileSync } from "node:fs";
    import { Webhook } from "@dealix/webhooks";
    const { error } = new Webhook(readFileSync(process.argv[1], "utf8")).check(process.argv[2], process.argv[3]);
    console.log(error.message);`;
  const words = ["--input-type=module", "--eval", script, file, body, signPayload({ secret: SECRET, body })];
  const { stdout } = await run("node", words, { cwd: import.meta.dirname });
  assert.match(stdout, /white space/);
  assert.ok(!stdout.includes(SECRET));
  const { cause, certain, message } = diagnose({
    secret: `${SECRET}\n`,
    headers: signPayload({ secret: SECRET, body }),
    body,
  });
  assert.equal(`${cause} ${certain}`, "secret_wrapped true");
  assert.match(message, /newline/);
});

test("pain: a clock that is off", async () => {
  const script = `
    import { Webhook } from "@dealix/webhooks";
    const { error } = new Webhook("${SECRET}").check(process.argv[1], process.argv[2]);
    console.log(JSON.stringify({ code: error.code, message: error.message, age: error.details.ageSeconds }));`;
  for (const [offset, direction] of [
    [420, "ago"],
    [-420, "ahead"],
  ]) {
    const words = [
      "-f",
      `${offset > 0 ? "+" : ""}${offset}s`,
      "node",
      "--input-type=module",
      "--eval",
      script,
      body,
      signPayload({ secret: SECRET, body }),
    ];
    const { stdout } = await run("faketime", words, { cwd: import.meta.dirname });
    const { code, message, age } = JSON.parse(stdout);
    assert.equal(code, "stale_signature");
    assert.ok(Math.abs(age - offset) < 10, stdout);
    assert.match(message, new RegExp(`4[12]\\d s ${direction}.*clock.*NTP`));
  }
});

test("pain: secrets that cannot be rotated", () => {
  const [old, current] = ["whsec_old", "whsec_new"];
  const webhook = new Webhook([current, old]);
  assert.equal(webhook.check(body, signPayload({ secret: old, body })).secretIndex, 1);
  assert.equal(webhook.check(body, signPayload({ secret: current, body })).secretIndex, 0);
  const both = `${signPayload({ secret: old, body })},${signPayload({ secret: current, body }).split(",")[1]}`;
  for (const secret of [old, current]) assert.ok(verifySignature({ secret, signatureHeader: both, body }).valid);
  assert.match(
    new Webhook([current, old]).check(body, signPayload({ secret: "other", body })).error.message,
    /any of the 2 secrets/,
  );
});

test("pain: an error that names no cause", () => {
  const webhook = new Webhook(SECRET);
  const now = Math.floor(Date.now() / 1000);
  const header = signPayload({ secret: SECRET, body });
  const of = (headers, content = body) => webhook.check(content, headers).error;
  for (const [error, words] of [
    [of({ "x-hub-signature-256": "sha256=0" }), /no Dealix-Signature header.*x-hub-signature-256/],
    [of("t=1,t=2,v1=0"), /exactly one t=/],
    [of(`t=${now},v2=0`), /no v1=/],
    [of(signPayload({ secret: SECRET, body, timestamp: now - 3600 })), /3600 s ago.*limit is 300 s/],
    [of(header, `${body}\n`), /does not match the body.*byte for byte/],
    [of(signPayload({ secret: SECRET, body: "{}" }), "{}"), /field id is missing/],
  ]) {
    assert.match(error.message, words);
    assert.match(error.message, /See https:\S+#\w+ or \S+#\w+$/);
    assert.ok(!error.message.includes(SECRET) && !error.message.includes(body));
  }
  assert.equal(diagnose({ secret: SECRET, headers: header, body: `${body}\n` }).cause, "newline");
});

test("pain: a bundler that loses the wasm file", { timeout: 30_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "dealix-bundle-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const contents = `
    import { Webhook } from "@dealix/webhooks";
    const [secret, body, header] = process.argv.slice(2);
    console.log(new Webhook(secret).verify(body, header).id);`;
  for (const [format, outfile] of [
    ["esm", "bundle.mjs"],
    ["cjs", "bundle.cjs"],
  ]) {
    // One file, moved where nothing else of the package is.
    await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      platform: "node",
      format,
      outfile: join(folder, outfile),
    });
    const { stdout } = await run("node", [join(folder, outfile), SECRET, body, signPayload({ secret: SECRET, body })], {
      cwd: folder,
    });
    assert.equal(stdout.trim(), event.id);
  }
});

test("pain: an event that is newer than the package", () => {
  // That types do not break either is types/events.ts.
  const webhook = new Webhook(SECRET);
  const newer = serializeEnvelope(makeEvent({ type: "deal.paused", data: { until: "2027" } }));
  const { type, data } = webhook.verify(newer, webhook.sign(newer));
  assert.deepEqual({ type, data }, { type: "deal.paused", data: { until: "2027" } });
});
