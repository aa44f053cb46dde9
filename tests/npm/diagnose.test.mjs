// Each mistake made for real, with the tools that people make it with: diagnose names it, and shows no secret and no
// MAC.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as send } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { deflateRawSync, gzipSync } from "node:zlib";
import express from "express";
import Stripe from "stripe";
import { signPayload, Webhook } from "@dealix/webhooks";
import { diagnose, makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";

const run = promisify(execFile);
const SECRET = "whsec_Jr5-cause-of-all";
const event = makeEvent({
  type: "deal.won",
  data: { name: "Zoë", currency: "€", amount: 12.5, items: [{ price: 3 }] },
});
const body = serializeEnvelope(event);
/** Contains numbers that a JavaScript parser cannot preserve. */
const floats = serializeEnvelope(body.replace("12.5", "12500.0"));

/** Checks the cause, and that no secret is shown. */
function named(diagnosis, expected, ...secrets) {
  const shown = JSON.stringify(diagnosis);
  for (const hidden of [SECRET, SECRET.slice(6), ...secrets])
    assert.ok(!shown.includes(hidden), `${hidden} in ${shown}`);
  assert.doesNotMatch(shown, /[0-9a-f]{24}/i);
  const { cause, certain, details } = diagnosis;
  assert.equal([cause, ...(details.also ?? [])].join(" ") + (certain ? "" : "?"), expected, shown);
  return diagnosis;
}

/** Starts a server on loopback that is closed when the test ends; returns its address. */
async function listen(t, handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  t.after(() => (server.closeAllConnections(), server.close()));
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}/`;
}

/** A receiver that takes the body as `read` does, and what it diagnoses. */
async function receiver(t, read, options) {
  const diagnoses = [];
  const url = await listen(t, async (request, response) => {
    const received = await read(request).catch((error) => error);
    diagnoses.push(diagnose({ secret: SECRET, headers: request.headers, body: received, ...options }));
    response.writeHead(204, { Connection: "close" }).end();
  });
  return { url, diagnoses };
}

async function bytes(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A proxy that changes the body in transit. */
function proxy(t, target, change) {
  return listen(t, async (request, response) => {
    const changed = change(await bytes(request));
    const { "content-length": _, "transfer-encoding": __, host, ...headers } = request.headers;
    const onward = send(
      target,
      { method: "POST", headers: { ...headers, "content-length": changed.length } },
      (answer) => {
        response.writeHead(answer.statusCode).end();
        answer.resume();
      },
    );
    onward.end(changed);
  });
}

async function deliver(url, text = event) {
  const response = await fetch(signedRequest({ secret: SECRET, event: text, url }));
  assert.equal(response.status, 204);
}

/** A body that Dealix would not write, but with a good signature. */
async function deliverText(url, text, type = "text/plain") {
  const headers = { "content-type": type, "dealix-signature": new Webhook(SECRET).sign(text) };
  assert.equal((await fetch(url, { method: "POST", headers, body: text })).status, 204);
}

const limit = { timeout: 60_000 };

test("a genuine delivery over HTTP has no cause", limit, async (t) => {
  const { url, diagnoses } = await receiver(t, bytes);
  await deliver(url);
  named(diagnoses[0], "none");
});

for (const [what, use, expected, text] of [
  ["express.json()", express.json(), "body_parsed", event],
  ["express.json(), numbers that lost their point", express.json(), "body_parsed", floats],
  ["no parser for this type", express.urlencoded({ extended: false }), "empty_body", event],
]) {
  test(`Express: ${what}, and req.body`, limit, async (t) => {
    const app = express();
    const diagnoses = [];
    app.use(use);
    app.post("/", (request, response) => {
      diagnoses.push(diagnose({ secret: SECRET, headers: request.headers, body: request.body }));
      diagnoses.push(diagnose({ secret: SECRET, headers: request.headers, body: JSON.stringify(request.body ?? "") }));
      diagnoses.push(diagnose({ secret: SECRET, headers: request.headers, body: String(request.body ?? "") }));
      response.status(204).end();
    });
    await deliver(await listen(t, app), text);
    named(diagnoses[0], expected);
    if (expected !== "body_parsed") return;
    named(diagnoses[1], "body_parsed");
    assert.equal(named(diagnoses[2], "body_parsed").details.form, "object_text");
  });
}

test("Express: JSON that a parser of forms took", limit, async (t) => {
  const app = express();
  let found;
  app.use(express.urlencoded({ extended: false, type: () => true }));
  app.post("/", (request, response) => {
    found = diagnose({ secret: SECRET, headers: request.headers, body: request.body });
    response.status(204).end();
  });
  await deliver(await listen(t, app));
  assert.equal(named(found, "body_parsed").details.form, "form_key");
});

for (const [what, change, expected] of [
  ["adds a newline", (body) => Buffer.concat([body, Buffer.from("\n")]), "newline"],
  ["writes the JSON again", (body) => Buffer.from(JSON.stringify(JSON.parse(body))), "body_parsed"],
  [
    "writes the JSON again with indents",
    (body) => Buffer.from(JSON.stringify(JSON.parse(body), null, 2)),
    "body_parsed",
  ],
  ["adds a byte-order mark", (body) => Buffer.concat([Buffer.from("\ufeff"), body]), "byte_order_mark"],
  ["forwards in base64", (body) => Buffer.from(body.toString("base64")), "base64_body"],
  ["forwards in UTF-16", (body) => Buffer.from(body.toString(), "utf16le"), "charset"],
  ["drops the end", (body) => body.subarray(0, body.length - 20), "body_truncated?"],
  ["drops the body", () => Buffer.alloc(0), "empty_body"],
  ["changes a value", (body) => Buffer.from(JSON.stringify({ ...JSON.parse(body), seen: true })), "body_rewritten?"],
]) {
  test(`a proxy that ${what}`, limit, async (t) => {
    const { url, diagnoses } = await receiver(t, bytes);
    await deliver(await proxy(t, url, change));
    named(diagnoses[0], expected);
    assert.equal(diagnoses[0].verdict, "signature_mismatch");
  });
}

test("a proxy that drops the header, and one that renames it", limit, async (t) => {
  const { url, diagnoses } = await receiver(t, bytes);
  await fetch(url, { method: "POST", body, headers: { "x-dealix-sig": new Webhook(SECRET).sign(body) } });
  const { message } = named(diagnoses[0], "missing_header");
  assert.match(message, /x-dealix-sig/);
});

test("a body read as latin-1, in text mode, or in part", limit, async (t) => {
  const text = '{\n"name":"Zoë zahlt 5 €"}';
  const asLatin1 = await receiver(t, async (request) => {
    let all = "";
    for await (const chunk of request.setEncoding("latin1")) all += chunk;
    return all;
  });
  await deliverText(asLatin1.url, text);
  assert.match(named(asLatin1.diagnoses[0], "charset").details.form, /latin1/);

  const inTextMode = await receiver(t, async (request) => (await bytes(request)).toString().replaceAll("\n", "\r\n"));
  await deliverText(inTextMode.url, text);
  named(inTextMode.diagnoses[0], "line_endings");

  const characterCut = await receiver(t, async (request) => {
    const all = await bytes(request);
    const at = all.indexOf("ë") + 1;
    return `${all.subarray(0, at)}${all.subarray(at)}`;
  });
  await deliverText(characterCut.url, text);
  named(characterCut.diagnoses[0], "charset?");

  const inPart = await receiver(t, async (request) => (await bytes(request)).subarray(0, 8));
  await deliverText(inPart.url, text);
  const { details } = named(inPart.diagnoses[0], "body_truncated?");
  assert.deepEqual([details.bodyBytes, details.contentLength], [8, Buffer.byteLength(text)]);

  const trimmed = await receiver(t, async (request) => (await bytes(request)).toString().trim());
  await deliverText(trimmed.url, `${text}\n`);
  assert.equal(named(trimmed.diagnoses[0], "newline").details.change, "dropped");
});

test("a transfer in text mode, which gives every line a carriage return", limit, async (t) => {
  const folder = temporary(t);
  const text = '{\n"a":1\n}\n';
  writeFileSync(join(folder, "body"), text);
  const { stdout } = await run("sed", ["s/$/\\r/", join(folder, "body")]);
  named(diagnose({ secret: SECRET, headers: new Webhook(SECRET).sign(text), body: stdout }), "line_endings");
});

test("a Lambda event with a base64 body, in both of its formats", limit, () => {
  const signature = new Webhook(SECRET).sign(body);
  const event = { isBase64Encoded: true, body: Buffer.from(body).toString("base64") };
  named(diagnose({ secret: SECRET, headers: { "dealix-signature": signature }, body: event.body }), "base64_body");
  named(diagnose({ secret: SECRET, headers: { "Dealix-Signature": [signature] }, body: event.body }), "base64_body");
  named(
    diagnose({ secret: SECRET, headers: { "Dealix-Signature": [signature] }, body: Buffer.from(event.body, "base64") }),
    "none",
  );
});

function temporary(t) {
  const folder = mkdtempSync(join(tmpdir(), "dealix-diagnose-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The diagnosis of a process that has the secret from its environment. */
const CHILD = `
  import { diagnose } from "@dealix/webhooks/testing";
  const { DELIVERY, DEALIX_WEBHOOK_SECRET: secret, ...rest } = process.env;
  console.log(JSON.stringify(diagnose({ secret, ...JSON.parse(DELIVERY) })));
`;

async function inChild(command, words, env = {}) {
  const folder = import.meta.dirname;
  const DELIVERY = JSON.stringify({ headers: new Webhook(SECRET).sign(body), body });
  const { PATH } = process.env;
  const { stdout } = await run(command, words, { cwd: folder, env: { PATH, DELIVERY, ...env } });
  return JSON.parse(stdout);
}

const evaluate = ["--input-type=module", "--eval", CHILD];

test("an .env file with nested quotes and blanks, read by node --env-file", limit, async (t) => {
  const file = join(temporary(t), ".env");
  for (const [line, around] of [
    [`"'${SECRET}'"`, "quotes"],
    [`"${SECRET}  "`, "white_space"],
    [`"${SECRET}\n"`, "newline"],
    [`" ${SECRET}"`, "white_space"],
  ]) {
    writeFileSync(file, `DEALIX_WEBHOOK_SECRET=${line}\n`);
    const { details } = named(await inChild("node", [`--env-file=${file}`, ...evaluate]), "secret_wrapped");
    assert.equal(details.around, around, line);
  }
});

test("a docker .env file, where quotes and trailing blanks count", limit, async (t) => {
  const file = join(temporary(t), "docker.env");
  for (const [value, around] of [
    [`"${SECRET}"`, "quotes"],
    [`${SECRET} `, "white_space"],
    [`${SECRET}\r`, "newline"],
  ]) {
    writeFileSync(file, `DEALIX_WEBHOOK_SECRET=${value}\n`);
    // As docker reads it: one per line, everything after the first =.
    const env = Object.fromEntries(
      readFileSync(file, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    const { details } = named(await inChild("node", evaluate, env), "secret_wrapped");
    assert.equal(details.around, around, JSON.stringify(value));
  }
});

test("a secret file: with its newline, its name, from a Kubernetes manifest", limit, async (t) => {
  const folder = temporary(t);
  const file = join(folder, "secret");
  await run("sh", ["-c", `echo '${SECRET}' > "$1"`, "sh", file]);
  named(
    diagnose({ secret: readFileSync(file, "utf8"), headers: new Webhook(SECRET).sign(body), body }),
    "secret_wrapped",
  );

  const shell = (script) => inChild("sh", ["-c", `${script}; exec node "$@"`, "sh", ...evaluate], { FILE: file });
  writeFileSync(file, `DEALIX_WEBHOOK_SECRET=${SECRET}\n`);
  assert.equal(
    named(await shell('export DEALIX_WEBHOOK_SECRET="$(cat "$FILE")"'), "secret_wrapped").details.around,
    "name",
  );
  writeFileSync(file, `'${SECRET}'\r\n`);
  assert.equal(
    named(await shell('export DEALIX_WEBHOOK_SECRET="$(cat "$FILE")"'), "secret_wrapped").details.around,
    "quotes",
  );
  await run("sh", ["-c", `printf %s '${SECRET}' | base64 > "$1"`, "sh", file]);
  assert.equal(
    named(await shell('export DEALIX_WEBHOOK_SECRET="$(cat "$FILE")"'), "secret_encoded").details.encoded,
    "base64",
  );
  await run("sh", ["-c", `echo '${SECRET}' | base64 > "$1"`, "sh", file]);
  named(await shell('export DEALIX_WEBHOOK_SECRET="$(cat "$FILE")"'), "secret_encoded secret_wrapped");
});

test("a clock that is off, and a delivery that is late", limit, async () => {
  for (const [offset, least, most] of [
    ["+420s", 420, 440],
    ["-420s", -420, -400],
    ["+7200s", 7200, 7220],
  ]) {
    const found = named(
      await inChild("faketime", ["-f", offset, "node", ...evaluate], { DEALIX_WEBHOOK_SECRET: SECRET }),
      "clock_skew",
    );
    assert.equal(found.verdict, "stale_signature");
    const { ageSeconds } = found.details;
    assert.ok(ageSeconds >= least && ageSeconds <= most, `${offset}: ${ageSeconds}`);
    assert.match(
      found.message,
      least < 0 ? /ahead of the receiver's clock/ : /ago by the receiver's clock.*queue.*recording/,
    );
  }
  const both = await inChild("faketime", ["-f", "+420s", "node", ...evaluate], {
    DEALIX_WEBHOOK_SECRET: `${SECRET}\n`,
  });
  named(both, "secret_wrapped clock_skew");
});

test("milliseconds for seconds, on either side", limit, () => {
  const headers = signPayload({ secret: SECRET, body, timestamp: Date.now() });
  assert.equal(named(diagnose({ secret: SECRET, headers, body }), "milliseconds").details.milliseconds, "timestamp");
  const now = Date.now();
  assert.equal(
    named(diagnose({ secret: SECRET, headers: new Webhook(SECRET).sign(body), body, now }), "milliseconds").details
      .milliseconds,
    "now",
  );
});

test("the secret of another environment, endpoint, or before the rotation", limit, () => {
  const headers = new Webhook(SECRET).sign(body);
  const namedFor = (secret, otherSecrets, expected) =>
    named(diagnose({ secret, otherSecrets, headers, body }), expected, "whsec_test");
  assert.equal(
    namedFor("whsec_test", { production: SECRET, staging: "whsec_s" }, "other_secret").details.otherSecret,
    "production",
  );
  assert.equal(namedFor("whsec_test", [undefined, SECRET], "other_secret").details.otherSecret, "otherSecrets[1]");
  namedFor("whsec_test", undefined, "unknown_secret?");
  namedFor(["whsec_test", "whsec_test2"], { production: `${SECRET}\n` }, "other_secret secret_wrapped");
});

test("deliveries of other providers, each signed as they sign", limit, () => {
  const hmac = (text, encoding, key = SECRET) => createHmac("sha256", key).update(text).digest(encoding);
  const stripe = new Stripe("sk_test_none").webhooks.generateTestHeaderString({
    payload: body,
    secret: "whsec_stripe",
  });
  const seconds = Math.floor(Date.now() / 1000);
  const standard = `v1,${hmac(`msg_1.${seconds}.${body}`, "base64", Buffer.from("c2VjcmV0", "base64"))}`;
  for (const [headers, provider] of [
    [{ "Stripe-Signature": stripe }, "stripe"],
    [{ "X-GitHub-Event": "push", "X-Hub-Signature-256": `sha256=${hmac(body, "hex")}` }, "github"],
    [{ "X-Shopify-Hmac-Sha256": hmac(body, "base64") }, "shopify"],
    [{ "webhook-id": "msg_1", "webhook-timestamp": `${seconds}`, "webhook-signature": standard }, "standard_webhooks"],
    [{ "svix-id": "msg_1", "svix-timestamp": `${seconds}`, "svix-signature": standard }, "svix"],
  ]) {
    assert.equal(named(diagnose({ secret: SECRET, headers, body }), "other_provider").details.provider, provider);
    assert.equal(
      named(diagnose({ secret: SECRET, headers: new Headers(headers), body }), "other_provider").details.provider,
      provider,
    );
  }
  for (const [text, provider, certain] of [
    [`sha256=${hmac(body, "hex", "x")}`, "github", ""],
    [`sha256=${hmac(body, "hex")}`, "github", "certain"],
    [standard, "standard_webhooks", ""],
    [hmac(body, "base64", "x"), "shopify", ""],
  ]) {
    assert.equal(
      named(diagnose({ secret: SECRET, headers: text, body }), certain ? "other_provider" : "other_provider?").details
        .provider,
      provider,
    );
  }
  // The scheme is the same, so with Stripe's secret its delivery verifies, and with another nothing tells it but its
  // body.
  named(diagnose({ secret: "whsec_stripe", headers: stripe, body }), "none", "whsec_stripe");
  const charge = JSON.stringify({ id: "evt_1", object: "event", livemode: false, type: "charge.succeeded" }, null, 2);
  named(diagnose({ secret: SECRET, headers: new Webhook("x").sign(charge), body: charge }), "other_provider?");
});

test("a signer of one's own: upper case, base64, without the time", limit, () => {
  const seconds = Math.floor(Date.now() / 1000);
  const mac = (text, encoding) => createHmac("sha256", SECRET).update(text).digest(encoding);
  const found = (v1) => diagnose({ secret: SECRET, headers: `t=${seconds},v1=${v1}`, body });
  named(found(mac(`${seconds}.${body}`, "hex").toUpperCase()), "upper_case_hex");
  named(found(mac(`${seconds}.${body}`, "base64")), "base64_signature");
  named(found(mac(body, "hex")), "timestamp_not_signed");
});

test("a header that was split, joined, quoted or cut", limit, () => {
  const header = new Webhook(SECRET).sign(body);
  for (const [headers, what] of [
    [header.split(","), "white_space"],
    [`Dealix-Signature: ${header}`, "name_in_value"],
    [JSON.stringify(header), "quotes"],
    [`${header}\n`, "white_space"],
    [encodeURIComponent(header), "url_encoded"],
    [`${header},${header}`, "joined"],
    [header.slice(0, 50), "truncated"],
  ]) {
    assert.equal(named(diagnose({ secret: SECRET, headers, body }), "header_rewritten").details.header, what);
  }
});

test("no message quotes a header's value, and many headers stay short", limit, () => {
  const headers = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`x-${index}-${"n".repeat(200)}`, `value-${SECRET}`]),
  );
  const { details, message } = named(diagnose({ secret: SECRET, headers, body }), "missing_header");
  assert.ok(details.headerNames.length === 50 && message.length < 5000, String(message.length));
});

test("a body that no delivery has is refused, and the next diagnosis runs", limit, () => {
  const headers = new Webhook(SECRET).sign(body);
  const refused = { name: "WebhookConfigurationError", code: "invalid_option", message: /256 MiB/ };
  assert.throws(() => diagnose({ secret: SECRET, headers, body: new Uint8Array(2 ** 28 + 1) }), refused);
  named(diagnose({ secret: SECRET, headers, body }), "none");
});

const MB = 1024 * 1024;
const list = (item, bytes, open = "[", close = "1]") =>
  open + `${item},`.repeat((bytes - 1000) / (item.length + 1)) + close;
const keys = (bytes) => `{${Array.from({ length: bytes / 16 }, (_, index) => `"${index}":${index % 2}`)}}`;
const nested = (open, inner, close) => open.repeat(120) + inner + close.repeat(120);
const secrets = (count, make = (index) => `secret ${index}`) =>
  Array.from({ length: count }, (_, index) => make(index));

/** The slowest inputs of each kind: without a bound they take 3 to 45 seconds, and 256 MiB a quarter of an hour. */
const SLOW = [
  ["1 MiB of small objects", { body: list('{"a":1}', MB) }],
  ["4 MiB of small objects under 256 secrets", { body: list('{"a":1}', 4 * MB), secret: secrets(256) }],
  ["4 MiB of small objects that were parsed", { body: JSON.parse(list('{"a":1}', 4 * MB)) }],
  ["half a million keys", { body: keys(4 * MB) }],
  ["keys that are not in order", { body: list('{"b":1,"a":2,"b":3}', 4 * MB) }],
  ["floats", { body: list("1e300", 4 * MB) }],
  ["numbers of which each may have lost its point", { body: list('{"a":1,"b":2,"c":3,"d":4}', MB) }],
  ["bytes written as numbers", { body: list("1", 4 * MB) }],
  ["escapes", { body: list('"\\u00e9\\n"', 4 * MB) }],
  ["what has no canonical form, deep inside", { body: nested('{"a":', list("1", 4 * MB, "[", '"\\ud800"]'), "}") }],
  ["keys that are no text on every level", { body: nested('{"a":', list("1", 4 * MB), ',"\\ud800":1}') }],
  ["objects that are put in order on every level", { body: nested('{"b":', list("1", 4 * MB), ',"a":1}') }],
  ["brackets that nothing closes", { body: "[".repeat(4 * MB) }],
  ["newlines under 256 secrets", { body: "\r\n".repeat(2 * MB - 1), secret: secrets(256) }],
  ["base64 of base64", { body: btoa(btoa(list('{"a":1}', 2 * MB))) }],
  ["what inflates to 4 MiB of small objects", { body: gzipSync(list('{"a":1}', 4 * MB)), secret: secrets(256) }],
  ["what inflates to what inflates to gigabytes", { body: gzipSync(deflateRawSync(Buffer.alloc(64 * MB))) }],
  ["bytes that are no text", { body: new Uint8Array(4 * MB - 1).fill(0x80), secret: secrets(256) }],
  ["256 MiB under 256 secrets", { body: new Uint8Array(256 * MB), secret: secrets(256) }],
  [
    "signatures that fill the header",
    { secret: secrets(256), headers: `t=${1e9}${`,v1=${"0".repeat(64)}`.repeat(119)}`, body: list('{"a":1}', MB / 16) },
  ],
  [
    "headers that were joined",
    { secret: secrets(256), headers: `t=${1e12},v1=${"0".repeat(64)},`.repeat(96).slice(0, -1), body: " ".repeat(MB) },
  ],
  [
    "hundreds of other secrets",
    { secret: secrets(256), otherSecrets: secrets(500, (index) => `other ${index}`), body: list('{"a":1}', MB / 16) },
  ],
  ["long secrets", { secret: secrets(256, (index) => `"${"%41".repeat(20_000)}${index}\n`) }],
];

for (const [what, options] of SLOW) {
  test(`the search ends soon: ${what}`, limit, () => {
    const started = process.cpuUsage();
    const { certain, details } = diagnose({ secret: "s", headers: new Webhook("other").sign(body), body, ...options });
    const { user, system } = process.cpuUsage(started);
    assert.ok(certain || details.incomplete);
    assert.ok(user + system < 3_000_000, `${(user + system) / 1_000_000} s`);
  });
}
