// The command `dealix-webhooks`, run as npm installs it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { signPayload, verifySignature } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { answer, COMMAND, environment, listen, run, SECRET } from "./support/command.mjs";

const envelope = serializeEnvelope(makeEvent({ type: "deal.won" }));
const folder = mkdtempSync(join(tmpdir(), "dealix-cli-"));
test.after(() => rmSync(folder, { recursive: true }));

test("cli: help lists the commands, and each command's help its options", async () => {
  const { stdout, code } = await run([]);
  assert.equal(code, 0);
  for (const command of ["sign", "verify", "explain", "send", "listen", "replay", "check", "page"]) {
    assert.match(stdout, new RegExp(`^  ${command} `, "m"));
    const help = await run([command, "--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /--json/);
    assert.equal((await run(["help", command])).stdout, help.stdout);
    assert.doesNotMatch(help.stdout, /--secret\b/);
    assert.ok(help.stdout.startsWith(`npx @dealix/webhooks ${command}`), help.stdout);
    assertNarrow(help.stdout);
  }
  assertNarrow(stdout);
});

/** Help fits a terminal, and names the command in the way that is safe to run. */
function assertNarrow(help) {
  for (const line of help.split("\n")) assert.ok(line.length <= 78, `${line.length}: ${line}`);
  assert.doesNotMatch(help, /npx dealix|^ *dealix-webhooks/m);
}

test("cli: it says its version", async () => {
  const { version } = createRequire(import.meta.url)("@dealix/webhooks/package.json");
  for (const word of ["--version", "-V"])
    assert.deepEqual(await run([word]), { code: 0, stdout: `dealix-webhooks ${version}\n`, stderr: "" });
});

test("cli: page prints where its version's signing page is", async () => {
  const { version, homepage } = createRequire(import.meta.url)("@dealix/webhooks/package.json");
  const url = `${homepage.replace("#readme", "")}/releases/download/v${version}/signing-page.html`;
  const { code, stdout } = await run(["page", "--json"]);
  assert.deepEqual([code, JSON.parse(stdout)], [0, { version, url, sha256Url: `${url}.sha256` }]);
  // The printed commands, with a curl that only says what it was asked for.
  writeFileSync(join(folder, "curl"), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const printed = await run(["page"]);
  const script = printed.stdout.split("\n\n")[1].split("\n").slice(0, 2).join("\n");
  const asked = await promisify(execFile)("sh", ["-c", script], { env: { PATH: `${folder}:${process.env.PATH}` } });
  assert.equal(asked.stdout, `-fLO ${url}\n-fLO ${url}.sha256\n`);
  assert.match(printed.stdout, /sha256sum -c signing-page\.html\.sha256 {3}# on macOS: shasum -a 256 -c\n$/);
});

test("cli: a usage error is named, points to the help, and exits with 2", async () => {
  const latin1 = join(folder, "latin1");
  writeFileSync(latin1, Buffer.from('{"name":"Zoë"}', "latin1"));
  for (const [words, message] of [
    [["sing"], /no such command; did you mean sign\?[^]*npx @dealix\/webhooks --help/],
    [["__proto__"], /no such command/],
    [["sign"], /--body is missing[^]*sign --help/],
    [["sign", "--boddy", "x"], /argument 1 is not an option of this command; did you mean --body\?[^]*sign --help/],
    [["sign", "--boddy=x"], /did you mean --body\?/],
    [["sign", "--body"], /--body needs a value/],
    [["sign", "--body", "--json"], /--body is followed by an option/],
    [["sign", "--json=yes"], /--json takes no value/],
    [["sign", "x"], /argument 1 belongs to no option; if it is a secret/],
    [["sign", "--", "x"], /argument 2 belongs to no option/],
    [
      ["sign", "--body", "x", "--secret", "whsec_1"],
      /'--secret': other users can see arguments; set DEALIX_WEBHOOK_SECRET/,
    ],
    [["sign", "--body", "@/nowhere"], /--body: there is no such file/],
    [["sign", "--body", "@/"], /--body: that is a folder/],
    [["sign", "--body", "x", "--timestamp", "1e3"], /--timestamp is not a whole number/],
    [["sign", "--body", "x", "--timestamp=-1"], /--timestamp is below 0/],
    [["verify", "--body", "x"], /--signature, --header or --headers is missing/],
    [["verify", "--body", "x", "--header", "t=1"], /no colon/],
    [
      ["explain", "--body", "x", "--signature", "t", "--other-secret-env", "UNSET"],
      /UNSET: that environment variable is unset/,
    ],
    [["send", "--type", "deal.won"], /--to is missing/],
    [
      ["send", "--to", "localhost:3000", "--type", "deal.won"],
      /--to is not an http or https URL; did you mean http:\/\/localhost:3000\?/,
    ],
    [["send", "--to", "127.0.0.1:3000/x", "--type", "deal.won"], /did you mean http:\/\/127\.0\.0\.1:3000\/…\?/],
    [["send", "--to", "receiver.example/x", "--type", "deal.won"], /did you mean http:\/\/receiver\.example\/…\?/],
    [["send", "--to", "ftp://x/", "--type", "deal.won"], /not an http or https URL\n/],
    [["send", "--to", "http://u:p@localhost:1", "--type", "deal.won"], /user name or a password/],
    [["send", "--to", "http://localhost:1"], /--type is missing/],
    [["send", "--to", "http://localhost:1", "--type", "deal.won", "--data", "[1]"], /--data is neither a JSON object/],
    [["send", "--to", "http://localhost:1", "--type", "deal.won", "--data", `@${latin1}`], /--data is not UTF-8/],
    [["send", "--to", "http://localhost:1", "--type", "a\nb"], /type goes into a header/],
    [["page", "x"], /argument 1 belongs to no option/],
    [["listen", "--port", "70000"], /--port is not between/],
  ]) {
    const { code, stdout, stderr } = await run(words);
    assert.equal(`${code} ${stdout}`, "2 ", words.join(" "));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /, "no stack");
  }
});

test("cli: sign prints the header, and verify answers by its exit status", async () => {
  const file = join(folder, "body");
  writeFileSync(file, Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x0a]));
  const { stdout } = await run(["sign", "--body", `@${file}`, "--timestamp", "1700000000"]);
  assert.equal(
    stdout,
    `${signPayload({ secret: SECRET, body: Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x0a]), timestamp: 1_700_000_000 })}\n`,
  );
  const signature = stdout.trim();
  const check = async (words, expected) => {
    const { code, stdout } = await run(["verify", "--body", `@${file}`, ...words]);
    assert.equal(code, expected, stdout);
    return stdout;
  };
  assert.match(await check(["--signature", signature, "--now", "1700000300"], 0), /valid/);
  assert.match(await check(["--signature", signature, "--now", "1700000301"], 1), /stale_signature/);
  assert.match(await check(["--signature", signature, "--now", "1700000301", "--max-age-seconds", "301"], 0), /valid/);
  assert.match(await check(["--header", `dealix-SIGNATURE:${signature}`, "--now", "1700000300"], 0), /valid/);
  const headers = join(folder, "headers");
  writeFileSync(headers, `Host: x\r\nDealix-Signature: ${signature}\r\n`);
  assert.deepEqual(JSON.parse(await check(["--headers", `@${headers}`, "--now", "1700000300", "--json"], 0)), {
    valid: true,
    error: null,
  });
  assert.deepEqual(JSON.parse(await check(["--signature", "", "--json"], 1)), {
    valid: false,
    error: "malformed_header",
  });
});

test("cli: verify names the command that finds out why", async () => {
  const { stdout } = await run([
    "verify",
    "--body",
    "{}",
    "--signature",
    signPayload({ secret: "another", body: "{}" }),
  ]);
  assert.match(stdout, /signature_mismatch; `npx @dealix\/webhooks explain` with the same options says why/);
});

test("cli: standard input may be the secret or the body, but not both", async () => {
  const env = { PATH: process.env.PATH };
  const expected = `${signPayload({ secret: SECRET, body: "x", timestamp: 5 })}\n`;
  for (const input of [SECRET, `${SECRET}\n`, `${SECRET}\r\n`]) {
    assert.equal((await run(["sign", "--body", "x", "--timestamp", "5"], { env, input })).stdout, expected);
  }
  assert.equal((await run(["sign", "--body", "-", "--timestamp", "5"], { input: "x" })).stdout, expected);
  const both = await run(["sign", "--body", "-"], { env, input: "x" });
  assert.match(both.stderr, /cannot be both/);
  assert.equal(both.code, 2);
  assert.match((await run(["sign", "--body", "x"], { env })).stderr, /no secret: set DEALIX_WEBHOOK_SECRET/);

  // As with a password manager, which takes a moment.
  const late = (script) => promisify(execFile)("sh", ["-c", script, "sh", COMMAND], { env, cwd: folder });
  assert.equal((await late(`(sleep 0.5; echo ${SECRET}) | "$1" sign --body x --timestamp 5`)).stdout, expected);
  await assert.rejects(
    late('"$1" sign --body x < .'),
    ({ code, stderr }) => code === 2 && /^dealix-webhooks: no secret.*\nSee .*\n$/.test(stderr),
  );
});

test("cli: a secret that looks wrapped is said to be, and is not shown", async () => {
  for (const secret of [`"${SECRET}"`, ` ${SECRET}`, `${SECRET}\n`]) {
    const { code, stderr } = await run(["sign", "--body", "x"], {
      env: { ...environment, DEALIX_WEBHOOK_SECRET: secret },
    });
    assert.equal(code, 0);
    assert.equal(stderr.match(/white space or a quote/g)?.length, 1, stderr);
    assert.doesNotMatch(stderr, new RegExp(SECRET));
  }
});

test("cli: explain names the cause, the advice and the other endpoint", async () => {
  const signature = signPayload({ secret: SECRET, body: '{"a":1}' });
  const other = { ...environment, DEALIX_WEBHOOK_SECRET: "whsec_production", STAGING: SECRET };
  for (const [words, cause, env] of [
    [["--body", '{"a":1}\n', "--signature", signature], "newline"],
    [["--body", '{"a":1}', "--header", "Stripe-Signature: t=1,v1=2"], "other_provider"],
    [["--body", '{"a":1}', "--signature", signature, "--other-secret-env", "STAGING"], "other_secret", other],
  ]) {
    const { code, stdout } = await run(["explain", ...words, "--json"], { env });
    const diagnosis = JSON.parse(stdout);
    assert.equal(`${code} ${diagnosis.cause}`, `1 ${cause}`, stdout);
    assert.doesNotMatch(stdout, /whsec_/);
    const { stdout: text } = await run(["explain", ...words], { env });
    assert.ok(text.includes(diagnosis.message) && text.includes(diagnosis.advice), text);
  }
  const good = await run(["explain", "--body", '{"a":1}', "--signature", signature]);
  assert.equal(`${good.code} ${good.stdout}`, "0 ✓ valid\n");
});

test("cli: explain's advice is about the command's options, not functions", async () => {
  const signature = signPayload({ secret: SECRET, body: "{}" });
  const [t, v1] = signature.split(",");
  const api =
    /otherSecrets|maxAgeSeconds|signPayload|Date\.now|verifyLambda|`diagnose`|in a Map|\bPass (all of )?the request's/;
  for (const [cause, words, option] of [
    [
      "unknown_secret",
      ["--body", envelope, "--signature", signPayload({ secret: "another", body: envelope })],
      /--other-secret-env NAME tries/,
    ],
    ["milliseconds", ["--body", "{}", "--signature", signature, "--now", String(Date.now())], /--now in seconds/],
    ["missing_header", ["--body", "{}", "--header", "Host: x"], /--headers @FILE/],
    ["missing_header", ["--body", "{}", "--header", "Dealix-Signature: "], /header with its text/],
    [
      "timestamp_not_signed",
      ["--body", "{}", "--signature", `${t},v1=${createHmac("sha256", SECRET).update("{}").digest("hex")}`],
      /npx @dealix\/webhooks sign/,
    ],
    ["base64_body", ["--body", Buffer.from("{}").toString("base64"), "--signature", signature], /--body @FILE/],
    ["clock_skew", ["--body", "{}", "--signature", signature, "--max-age-seconds=-1"], /./],
    ["upper_case_hex", ["--body", "{}", "--signature", `${t},${v1.toUpperCase().replace("V1", "v1")}`], /./],
  ]) {
    const { stdout } = await run(["explain", ...words]);
    assert.match(stdout, new RegExp(`^  ${cause}(, probably)?: `, "m"));
    assert.match(stdout, option);
    assert.doesNotMatch(stdout, api);
    assert.doesNotMatch(JSON.parse((await run(["explain", ...words, "--json"])).stdout).advice, api);
  }
});

test("cli: send reaches listen, which shows each verdict", { timeout: 60_000 }, async (t) => {
  const { url, line } = await listen(t, ["--show-data"]);
  const sent = await run([
    "send",
    "--to",
    url,
    "--type",
    "deal.won",
    "--data",
    '{"amount": 12500.0, "n": 12345678901234567890}',
  ]);
  assert.equal(sent.code, 0, sent.stderr);
  for (const part of [
    /^POST http/,
    /^dealix-signature: t=\d+,v1=[0-9a-f]{64}$/m,
    /"amount":12500\.0,"n":12345678901234567890/,
    /answered 204 after \d+ ms/,
  ]) {
    assert.match(sent.stdout, part);
  }
  assert.match(await line(), /✓ deal\.won evt_[0-9a-f]{24}$/);
  assert.match(await line(), /"amount":12500/);

  assert.equal((await run(["send", "--to", url, "--type", "deal.paused"])).code, 0);
  assert.match(await line(), /deal\.paused evt_\w+, a type newer/);
  await line();

  const env = { ...environment, DEALIX_WEBHOOK_SECRET: "another" };
  const refused = await run(["send", "--to", url, "--type", "deal.won", "--json"], { env });
  assert.equal(refused.code, 1);
  const { request, response, milliseconds } = JSON.parse(refused.stdout);
  assert.equal(`${response.status} ${response.body}`, "400 ");
  assert.ok(verifySignature({ secret: "another", signatureHeader: request.headers, body: request.body }).valid);
  assert.ok(Number.isInteger(milliseconds));
  assert.match(await line(), /✗ signature_mismatch/);
  assert.match(await line(), /unknown_secret, probably/);
});

test("cli: listen --json prints a line each, which cannot steer a terminal", { timeout: 60_000 }, async (t) => {
  const { url, line, child, errors } = await listen(t, ["--json"]);
  assert.equal((await run(["send", "--to", url, "--type", "deal.won", "--id", "evt_1"])).code, 0);
  const accepted = JSON.parse(await line());
  assert.equal(`${accepted.valid} ${accepted.event.id}`, "true evt_1");
  assert.equal(
    (await fetch(url, { method: "POST", body: "{}", headers: { "dealix-signature": "t=1,v1=2" } })).status,
    400,
  );
  const { valid, verdict, cause } = JSON.parse(await line());
  assert.equal(`${valid} ${verdict}`, "false stale_signature");
  assert.equal(typeof cause, "string");
  assert.equal((await fetch(url, { method: "POST", body: "x".repeat(1_100_000) })).status, 413);
  assert.equal(JSON.parse(await line()).verdict, "body_too_large");
  assert.equal((await fetch(url)).status, 405);

  const socket = connect(new URL(url).port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  assert.equal((await run(["send", "--to", url, "--type", "deal.won", "--id", "evt_2"])).code, 0);
  assert.equal(JSON.parse(await line()).event.id, "evt_2");

  const steering = "\x9b31m\u202e\u2028\x7f\u{e0001}";
  const steered = JSON.stringify({
    id: steering,
    type: "a",
    customer_id: "",
    timestamp: 1,
    api_version: "v1",
    data: {},
  });
  const signed = {
    method: "POST",
    body: steered,
    headers: { "dealix-signature": signPayload({ secret: SECRET, body: steered }) },
  };
  assert.equal((await fetch(url, signed)).status, 204);
  const printed = await line();
  assert.match(printed, /^[\x20-\x7e]+$/);
  assert.equal(JSON.parse(printed).event.id, steering);
  assert.equal(errors(), "");
  child.kill("SIGINT");
  await once(child, "exit");

  const plain = await listen(t);
  const body = JSON.stringify({
    id: "evt_\x1b]0;gotcha\x07\u202e",
    type: "a\nb",
    customer_id: "",
    timestamp: 1,
    api_version: "v1",
    data: {},
  });
  const headers = { "dealix-signature": signPayload({ secret: SECRET, body }) };
  assert.equal((await fetch(plain.url, { method: "POST", body, headers })).status, 204);
  assert.match(await plain.line(), /✓ a\ufffdb evt_\ufffd\]0;gotcha\ufffd\ufffd, /);
});

test("cli: listen's 413 reaches a client that reads after sending all", { timeout: 60_000 }, async (t) => {
  const { url } = await listen(t);
  for (let round = 0; round < 5; round += 1) {
    const socket = connect(new URL(url).port, "127.0.0.1").pause();
    await once(socket, "connect");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n");
    await new Promise((resolve, reject) => socket.once("error", reject).write("x".repeat(4_000_000), resolve));
    assert.match(String((await once(socket.resume(), "data"))[0]), /^HTTP\/1\.1 413 /);
    socket.destroy();
  }
});

test("cli: listen colours verdicts on request, and reports a taken port", { timeout: 60_000 }, async (t) => {
  const { url, line } = await listen(t, [], { ...environment, FORCE_COLOR: "1" });
  await run(["send", "--to", url, "--type", "deal.won"]);
  assert.match(await line(), /\x1b\[32m✓\x1b\[39m/);
  await fetch(url, { method: "POST", body: "{}" });
  assert.match(await line(), /\x1b\[31m✗\x1b\[39m malformed_header/);
  const { port } = new URL(url);
  const taken = await run(["listen", "--port", port]);
  assert.match(taken.stderr, new RegExp(`cannot listen on 127.0.0.1, port ${port}`));
  assert.equal(taken.code, 2);
});

test("cli: send follows no redirect, reads at most 64 KiB, waits 10 s", { timeout: 60_000 }, async (t) => {
  const redirect = await answer(t, (_, response) => response.writeHead(302, { Location: "/elsewhere" }).end());
  const { code, stdout } = await run(["send", "--to", redirect.url, "--type", "deal.won"]);
  assert.equal(code, 1);
  assert.match(stdout, /✗ answered 302/);
  assert.equal(redirect.server.request.url, "/hook");
  assert.equal(redirect.server.request.headers["user-agent"], "Dealix-Webhooks/1.0");

  const endless = await answer(t, (_, response) => {
    response.writeHead(500);
    const timer = setInterval(() => response.write("\x1b[31mendless ".repeat(1000)), 1);
    response.on("close", () => clearInterval(timer));
  });
  const long = await run(["send", "--to", endless.url, "--type", "deal.won"]);
  assert.match(long.stdout, /✗ answered 500/);
  assert.ok(long.stdout.length < 70_000 && !long.stdout.includes("\x1b"), `${long.stdout.length}`);

  const silent = await answer(t, () => {});
  const start = Date.now();
  const timeout = await run(["send", "--to", silent.url, "--type", "deal.won"]);
  assert.ok(Date.now() - start > 9_000);
  assert.match(timeout.stderr, /✗ no response after 10\d{3} ms/);

  const nobody = await run(["send", "--to", "http://127.0.0.1:1/", "--type", "deal.won", "--json"]);
  assert.equal(nobody.code, 1);
  assert.match(JSON.parse(nobody.stdout).response.error, /./);
});
