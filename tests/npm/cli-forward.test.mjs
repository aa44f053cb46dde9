// `listen --forward-to` passes deliveries on, `--save` keeps them, `replay` sends them again; nothing is lost.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { signPayload, verifySignature } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";
import { withFolder } from "./runtimes/folder.mjs";
import { listen, run, SECRET } from "./support/command.mjs";

const MIB = 1024 * 1024;
const genuine = (url, fields = {}, options = {}) =>
  fetch(signedRequest({ secret: SECRET, event: makeEvent({ type: "deal.won", ...fields }), url, ...options }));

/** A receiver that keeps what it got. */
async function target(t, handle = (_request, response) => response.writeHead(204).end()) {
  const got = [];
  const server = createServer(async (request, response) => {
    const { url, rawHeaders, headers } = request;
    got.push({ url, rawHeaders, headers, body: await buffer(request) });
    handle(request, response, got.at(-1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.closeAllConnections(), server.close()));
  return { got, url: `http://127.0.0.1:${server.address().port}/hook?tenant=1` };
}

const isSigned = ({ headers, body }) =>
  verifySignature({ secret: SECRET, signatureHeader: headers["dealix-signature"], body }).valid;

/** Sends headers exactly as they are given. */
async function sendRaw(url, headers, body) {
  const request = httpRequest(url, { method: "POST", agent: false, headers: headers.flat() });
  request.end(body);
  const [response] = await once(request, "response");
  response.resume();
  return response;
}

test("cli: listen --forward-to keeps every byte and header, except the connection's", {
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
  const forged = () => genuine(url, {}, { secret: "whsec_other" });
  const lines = async (count) => (await Promise.all(Array.from({ length: count }, line))).join("\n");
  assert.equal((await forged()).status, 400);
  assert.match(await lines(4), /✗ signature_mismatch\n[^]*\n {2}✓ the target answered 400 after/);
  assert.equal((await forged()).status, 204);
  assert.match(await lines(5), /✗ the target answered 204 [^]*accepted a delivery that is not genuine/);
  const busy = await genuine(url);
  assert.deepEqual([busy.status, busy.headers.get("Retry-After")], [503, "7"]);
  assert.match(await lines(3), /✓ deal\.won [^]*✗ the target answered 503 [^]*Dealix tries again/);
  assert.equal(got.length, 3);
});

test("cli: listen --resign signs what is genuine now, and nothing else", { timeout: 60_000 }, async (t) => {
  const { got, url: to } = await target(t);
  const { url, line } = await listen(t, ["--json", "--forward-to", to, "--resign", "--max-age-seconds", "9000"]);
  const timestamp = Math.floor(Date.now() / 1000) - 3600;
  assert.equal((await genuine(url, {}, { timestamp })).status, 204);
  assert.equal(isSigned(got[0]), true);
  assert.equal((await genuine(url, {}, { secret: "whsec_other" })).status, 400);
  assert.equal((await genuine(url, {}, { timestamp: timestamp - 9000 })).status, 400);
  assert.equal(got.length, 1, "what is not genuine is never signed");
  assert.ok(JSON.parse(await line()).forwarded);
  assert.equal(JSON.parse(await line()).forwarded, undefined);
});

test("cli: a target that fails: the sender hears it, and the delivery is kept and replayed", {
  timeout: 60_000,
}, async (t) => {
  const faults = {
    hangs: () => {},
    redirects: (response) => response.writeHead(307, { Location: to }).end(),
    "breaks off": (response) => response.destroy(),
    fails: (response) => response.writeHead(500).end(),
    works: (response) => response.writeHead(204).end(),
  };
  const { got, url: to } = await target(t, (_request, response, { body }) => {
    faults[JSON.parse(body).data.fault ?? "works"](response);
  });
  await withFolder(async (folder) => {
    const kept = join(folder, "a/b");
    const { url, line } = await listen(t, ["--forward-to", to, "--save", kept]);
    for (const [fault, status, words] of [
      [
        "redirects",
        502,
        /✗ the target answered 307 [^]*does not follow redirects: .* The sender got 502, so it tries again/,
      ],
      [
        "breaks off",
        502,
        /✗ no response from the target .*ECONNRESET\)[^]*closed without a response: .* The sender got 502/,
      ],
      ["fails", 500, /✗ the target answered 500 [^]*its log says why/],
      [
        "hangs",
        504,
        /✗ no response from the target after 1\d{4} ms \(ETIMEDOUT\)[^]*The sender got 504, so it tries again/,
      ],
    ]) {
      const before = got.length;
      assert.equal((await genuine(url, { id: `evt_${status}`, data: { fault } })).status, status, fault);
      const lines = [await line(), await line(), await line(), await line()].join("\n");
      assert.match(lines, words);
      assert.match(lines, /saved as .*\.json/);
      assert.equal(got.length, before + 1, "a redirect is not followed");
    }
    const down = await listen(t, ["--forward-to", "http://127.0.0.1:1/", "--save", kept]);
    assert.equal((await genuine(down.url, { data: { fault: "works" } })).status, 502);

    const files = readdirSync(kept).sort();
    assert.equal(files.length, 5);
    assert.equal(statSync(kept).mode & 0o777, 0o700);
    for (const file of files) assert.equal(statSync(join(kept, file)).mode & 0o777, 0o600);
    const before = files.map((file) => readFileSync(join(kept, file), "utf8"));

    const again = await target(t);
    const replayed = await run(["replay", kept, "--to", again.url, "--json"]);
    assert.deepEqual([replayed.code, replayed.stderr], [0, ""]);
    const results = replayed.stdout
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text));
    assert.deepEqual(
      results.map(({ file, status }) => [file, status]),
      files.map((file) => [file, 204]),
    );
    assert.ok(again.got.every(isSigned), "signed again");
    assert.deepEqual(
      again.got.map(({ body }) => JSON.parse(body).data.fault),
      ["redirects", "breaks off", "fails", "hangs", "works"],
    );
    assert.deepEqual(again.got[0].body, got[0].body);
    assert.deepEqual(
      files.map((file) => readFileSync(join(kept, file), "utf8")),
      before,
    );
  });
});

test("cli: listen --save keeps what is genuine, and says if it cannot", { timeout: 60_000 }, () =>
  withFolder(async (folder) => {
    const after = [];
    const t = { after: (run) => after.push(run) };
    const { url, line, errors } = await listen(t, ["--json", "--save", folder]);
    const event = makeEvent({ type: "deal.won", data: { name: "شركة" } });
    const request = signedRequest({ secret: SECRET, event, url });
    const body = Buffer.from(await request.clone().arrayBuffer());
    assert.equal((await fetch(request)).status, 204);
    assert.equal((await genuine(url, {}, { secret: "whsec_other" })).status, 400);
    const { saved } = JSON.parse(await line());
    assert.equal(JSON.parse(await line()).saved, undefined);
    assert.deepEqual(
      readdirSync(folder).map((name) => join(folder, name)),
      [saved],
    );
    const recording = JSON.parse(readFileSync(saved, "utf8"));
    assert.deepEqual(Object.keys(recording), ["method", "receivedAt", "headers", "body"]);
    assert.deepEqual(Buffer.from(recording.body, "base64"), body);
    assert.ok(recording.headers.some(([name]) => name.toLowerCase() === "dealix-signature"));
    assert.ok(!readFileSync(saved, "utf8").includes(SECRET));

    rmSync(folder, { recursive: true });
    assert.equal((await genuine(url)).status, 204);
    await line();
    assert.match(errors(), /a delivery was not saved \(ENOENT\): is there space in the --save folder/);
    mkdirSync(folder);
    for (const run of after) await run();
  }),
);

test("cli: listen forwards many at once, up to the body limit", { timeout: 60_000 }, async (t) => {
  const { got, url: to } = await target(t, (_request, response, { body }) => {
    setTimeout(() => response.writeHead(JSON.parse(body).data.status).end(), 500);
  });
  const { url } = await listen(t, ["--json", "--forward-to", to]);
  const start = performance.now();
  const statuses = Array.from({ length: 60 }, (_, number) => 200 + number);
  const answers = await Promise.all(statuses.map((status) => genuine(url, { data: { status: 200 + (status % 5) } })));
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

test("cli: replay names each damaged file, and sends the others", { timeout: 60_000 }, (t) =>
  withFolder(async (folder) => {
    const body = serializeEnvelope(makeEvent({ type: "deal.won" }));
    const good = {
      method: "POST",
      headers: [["Dealix-Signature", "t=1,v1=2"]],
      body: Buffer.from(body).toString("base64"),
    };
    const damaged = {
      "2-cut": JSON.stringify(good).slice(0, -9),
      "3-list": "[]",
      "4-null": "null",
      "5-body": body,
      "6-method": JSON.stringify({ ...good, method: "DELETE" }),
      "7-base64": JSON.stringify({ ...good, body: "é" }),
      "8-split": JSON.stringify({ ...good, headers: [["X", "1\r\nEvil: 1"]] }),
      "9-pair": JSON.stringify({ ...good, headers: [["X"]] }),
    };
    for (const [name, text] of Object.entries(damaged)) writeFileSync(join(folder, `${name}.json`), text);
    for (const name of ["1-good", "99-good"]) writeFileSync(join(folder, `${name}.json`), JSON.stringify(good));
    mkdirSync(join(folder, "98-folder.json"));
    writeFileSync(join(folder, ".hidden.json"), "{");
    writeFileSync(join(folder, "notes.txt"), "");
    const { got, url } = await target(t);
    const { code, stdout } = await run(["replay", folder, "--to", url]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /✗ 2-cut\.json: the file is not JSON\n {2}It is damaged, or not a file of `listen --save`: receive/,
    );
    assert.match(stdout, /✗ 5-body\.json: the file has no "method": "POST"\n/);
    assert.match(stdout, /✗ 98-folder\.json: the file cannot be read \(EISDIR\)\n/);
    assert.match(stdout, /^2 of 11 were accepted$/m);
    assert.equal(stdout.match(/^✗/gm).length, Object.keys(damaged).length + 1);
    assert.deepEqual(
      got.map((one) => [isSigned(one), one.body.toString()]),
      [
        [true, body],
        [true, body],
      ],
    );
    const one = await run(["replay", join(folder, "7-base64.json"), "--to", url, "--json"]);
    assert.equal(one.code, 1);
    assert.match(JSON.parse(one.stdout).error, /no "body" in base64/);
  }),
);

test("cli: mistakes in forwarding and replaying are named, with where to look", { timeout: 60_000 }, () =>
  withFolder(async (folder) => {
    const { url, child } = await listen({ after: () => {} });
    child.kill("SIGKILL");
    await once(child, "exit");
    const port = new URL(url).port;
    for (const [words, message] of [
      [
        ["listen", "--forward-to", "localhost:3000"],
        /--forward-to is not an http or https URL; did you mean http:\/\/localhost:3000\?/,
      ],
      [["listen", "--forward-to", "http://u:p@localhost"], /--forward-to contains a user name or a password/],
      [
        ["listen", "--port", port, "--forward-to", `http://localhost:${port}/x`],
        /--forward-to is the address of this command itself/,
      ],
      [["listen", "--resign"], /--resign needs --forward-to URL/],
      [["listen", "--save="], /--save needs the name of a folder/],
      [["listen", "--save", import.meta.filename], /--save: the folder cannot be made \(EEXIST\)/],
      [["replay"], /FILE or FOLDER is missing/],
      [["replay", folder], /--to is missing/],
      [
        ["replay", folder, "--to", "http://localhost:1"],
        /the FOLDER holds no deliveries: `listen --save FOLDER` writes them/,
      ],
      [["replay", join(folder, "none"), "--to", "http://localhost:1"], /there is no such FILE or FOLDER/],
      [
        ["replay", folder, "whsec_1", "--to", "http://localhost:1"],
        /argument 2 belongs to no option; if it is a secret/,
      ],
      [["check"], /--to is missing/],
      [
        ["check", "--to", "http://localhost:1", "--previous-secret-env", "UNSET"],
        /UNSET: that environment variable is unset/,
      ],
    ]) {
      const { code, stderr, stdout } = await run(words);
      assert.match(stderr, message);
      assert.match(stderr, new RegExp(`See npx @dealix/webhooks ${words[0]} --help`));
      assert.deepEqual([code, stdout], [2, ""], words.join(" "));
      assert.doesNotMatch(stderr, /whsec_1/);
    }
    const { stdout } = await run(["listen", "--help"]);
    for (const said of [/cannot reach this machine/, /cloudflared tunnel --url/, /ngrok http/, /personal\s+data/]) {
      assert.match(stdout, said);
    }
  }),
);
