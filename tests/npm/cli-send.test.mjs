// `send`: what it says about each response and about none, and what it sends.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { createServer as createRawServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { verifySignature } from "@dealix/webhooks";
import { answer, listen, run, runMany, SECRET } from "./support/command.mjs";
import { cert, key } from "./support/self-signed.mjs";

const folder = mkdtempSync(join(tmpdir(), "dealix-cli-"));
test.after(() => rmSync(folder, { recursive: true }));

const send = (url, ...words) => run(["send", "--to", url, "--type", "deal.won", ...words]);

/** Runs a server until the test ends, and returns its port. */
async function portOf(t, server) {
  server.listen(0, "127.0.0.1");
  t.after(() => (server.closeAllConnections?.(), server.close()));
  await once(server, "listening");
  return server.address().port;
}

test("cli: send says in a line what an answer means", { timeout: 120_000 }, async (t) => {
  const { url } = await answer(t, ({ url }, response) =>
    response.writeHead(Number(url.split("/").at(-1)), { Location: "/elsewhere" }).end(),
  );
  const meanings = [
    [301, /does not follow redirects: use the address that it leads to, \/elsewhere/],
    [307, /does not follow redirects/],
    [400, /npx @dealix\/webhooks listen.*npx @dealix\/webhooks explain/],
    [401, /login/],
    [403, /firewall or a CSRF check/],
    [404, /no such route: compare the path/],
    [405, /not for POST/],
    [408, /waited for the body/],
    [410, /disables/],
    [413, /longer than the receiver.*raise that limit/],
    [415, /content type or encoding/],
    [418, /does not try again/],
    [429, /how many requests/],
    [500, /its log says why.*tries again/],
    [502, /proxy.*running/],
    [503, /already working on this event/],
    [504, /too slow/],
    [599, /its log says why/],
  ];
  const call = (status) => ["send", "--to", `${url}/${status}`, "--type", "deal.won"];
  const answers = await runMany([
    ...meanings.flatMap(([status]) => [call(status), [...call(status), "--json"]]),
    [...call(204), "--json"],
  ]);
  for (const [index, [status, words]] of meanings.entries()) {
    const [{ code, stdout, stderr }, json] = answers.slice(2 * index);
    assert.equal(`${code} ${stderr}`, "1 ");
    const [, after = ""] = stdout.split(`✗ answered ${status} after `);
    const [, advice] = after.split("\n");
    assert.match(advice, words);
    assert.equal(JSON.parse(json.stdout).advice, advice.trim());
  }
  assert.equal(JSON.parse(answers.at(-1).stdout).advice, null);
});

test("cli: send says in a line why there is no answer", { timeout: 120_000 }, async (t) => {
  const http = await answer(t, (_, response) => response.end());
  const { port } = new URL(http.url);
  const https = await portOf(
    t,
    createSecureServer({ key, cert }, (_, response) => response.end()),
  );
  const closing = await portOf(
    t,
    createRawServer((socket) => socket.once("data", () => socket.destroy())),
  );
  const babbling = await portOf(
    t,
    createRawServer((socket) => socket.end("220 mail.example ESMTP\r\n")),
  );
  for (const [url, words] of [
    ["http://127.0.0.1:9", /not send|sends nothing to that port/],
    ["http://localhost:2", /ECONNREFUSED\)\n {2}Nothing listens there/],
    ["http://nowhere.invalid/", /(ENOTFOUND|EAI_AGAIN)\)\n {2}No address is known/],
    [`https://127.0.0.1:${https}/`, /\n {2}Dealix would not trust the certificate/],
    [`https://127.0.0.1:${port}/`, /\n {2}The two sides speak different protocols/],
    [`http://127.0.0.1:${https}/`, /\n {2}(The connection was closed without a response|The two sides speak)/],
    [`http://127.0.0.1:${closing}/`, /\n {2}The connection was closed without a response/],
    [`http://127.0.0.1:${babbling}/`, /\n {2}The two sides speak different protocols/],
  ]) {
    const { code, stderr } = await send(url);
    assert.equal(code, 1, url);
    assert.match(stderr, /^✗ no response after \d+ ms \(/, url);
    assert.match(stderr, words, url);
    assert.equal(stderr.trimEnd().split("\n").length, 2, stderr);
  }
});

test("cli: send shows at most 20 lines and 2,000 characters of a page", { timeout: 60_000 }, async (t) => {
  let page;
  const { url } = await answer(t, (_, response) => response.writeHead(404).end(page));
  for (const [lines, isCut] of [
    [20, false],
    [21, true],
    [500, true],
  ]) {
    page = Array.from({ length: lines }, (_, number) => `line ${number}`).join("\r\n");
    const { stdout } = await send(url);
    assert.equal(stdout.match(/^line \d+$/gm).length, Math.min(lines, 20));
    assert.equal(stdout.includes("… there is more, and --json shows it"), isCut, `${lines}`);
    assert.equal(JSON.parse((await send(url, "--json")).stdout).response.body, page);
  }
  page = "<".repeat(50_000);
  const { stdout } = await send(url);
  assert.equal(stdout.match(/</g).length, 2_000);
  assert.match(stdout, /there is more/);
});

test("cli: send suggests the type that was meant, and sends the other anyway", { timeout: 60_000 }, async (t) => {
  const { url } = await listen(t);
  for (const [type, note] of [
    ["deal.wonn", /did you mean deal\.won\?/],
    ["Deal_Won", /did you mean deal\.won\?/],
    ["payment.recieved", /did you mean payment\.received\?/],
    ["deal.lots", /did you mean deal\.lost\?/],
    ["invoice.settled", /does not know the event type\n$/],
  ]) {
    const { code, stdout, stderr } = await run(["send", "--to", url, "--type", type]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, note);
    assert.ok(stdout.includes(`dealix-event-type: ${type}`));
  }
  assert.equal((await send(url)).stderr, "");
});

test("cli: send takes a whole recorded event, byte for byte", { timeout: 60_000 }, async (t) => {
  const chunks = [];
  const { url, server } = await answer(t, async (request, response) => {
    chunks.length = 0;
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(204).end();
  });
  const recorded =
    '\n{ "type":"deal.won", "id" :"evt_recorded","timestamp":1700000000,"customer_id":"cus_\u00e9","api_version":"v1","data":{"n":1.50,"\\u0061":"شركة"}}\r\n';
  const file = join(folder, "event.json");
  writeFileSync(file, recorded);
  for (const [value, input] of [[`@${file}`], [recorded], ["-", recorded]]) {
    const { code, stderr } = await run(["send", "--to", url, "--event", value], { input });
    assert.equal(`${code} ${stderr}`, "0 ");
    const body = Buffer.concat(chunks);
    assert.equal(String(body), recorded);
    assert.equal(server.request.headers["dealix-event-id"], "evt_recorded");
    assert.equal(server.request.headers["dealix-event-type"], "deal.won");
    assert.ok(verifySignature({ secret: SECRET, signatureHeader: server.request.headers, body }).valid);
  }
});

test("cli: anything but exactly one recorded event is a usage error", async () => {
  const latin1 = join(folder, "latin1.json");
  writeFileSync(latin1, Buffer.from('{"name":"Zoë"}', "latin1"));
  const marked = join(folder, "marked.json");
  const envelope = '{"id":"evt_1","type":"deal.won","customer_id":"c","timestamp":1,"api_version":"v1","data":{}}';
  writeFileSync(marked, `\ufeff${envelope}`);
  for (const [words, message] of [
    [["--event", "{}"], /field id is missing/],
    [["--event", envelope.replace('"deal.won"', "5")], /field type is missing or of the wrong type/],
    [["--event", "[]"], /--event is neither a recorded event, as a JSON object, nor @FILE/],
    [["--event", ""], /--event is neither a recorded event/],
    [["--event", `@${latin1}`], /--event is not UTF-8/],
    [["--event", `@${marked}`], /--event is neither a recorded event|not a JSON object/],
    ...["type", "data", "customer", "id"].map((option) => [
      ["--event", envelope, `--${option}`, "{}"],
      new RegExp(`--event is a whole event: leave out --${option}`),
    ]),
  ]) {
    const { code, stdout, stderr } = await run(["send", "--to", "http://127.0.0.1:2", ...words]);
    assert.equal(`${code} ${stdout}`, "2 ", words.join(" "));
    assert.match(stderr, message);
  }
});
