// `listen --save` keeps deliveries, and `replay` sends them again: whatever fails, nothing is lost.
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";
import { withFolder } from "./runtimes/folder.mjs";
import { listen, run, SECRET } from "./support/command.mjs";
import { isSigned, send, target } from "./support/target.mjs";

test("cli: if the target fails, deliveries are retried, kept and replayed", {
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
      assert.equal((await send(url, { id: `evt_${status}`, data: { fault } })).status, status, fault);
      const lines = [await line(), await line(), await line(), await line()].join("\n");
      assert.match(lines, words);
      assert.match(lines, /saved as .*\.json/);
      assert.equal(got.length, before + 1, "a redirect is not followed");
    }
    const down = await listen(t, ["--forward-to", "http://127.0.0.1:1/", "--save", kept]);
    assert.equal((await send(down.url, { data: { fault: "works" } })).status, 502);

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
    assert.equal((await send(url, {}, { secret: "whsec_other" })).status, 400);
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
    assert.equal((await send(url)).status, 204);
    await line();
    assert.match(errors(), /a delivery was not saved \(ENOENT\): is there space in the --save folder/);
    mkdirSync(folder);
    for (const run of after) await run();
  }),
);

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

test("cli: replay sends no header of the connection that a file has", { timeout: 60_000 }, (t) =>
  withFolder(async (folder) => {
    const headers = [
      ["Host", "a"],
      ["Host", "b"],
      ["Transfer-Encoding", "chunked"],
      ["Content-Length", "1"],
      ["Dealix-Forwarded-By", "1"],
      ["X-Kept", "1"],
    ];
    const body = Buffer.from("{}").toString("base64");
    writeFileSync(join(folder, "1.json"), JSON.stringify({ method: "POST", headers, body }));
    const { got, url } = await target(t);
    assert.equal((await run(["replay", folder, "--to", url])).code, 0);
    const [{ rawHeaders }] = got;
    const names = rawHeaders.filter((_, index) => index % 2 === 0);
    assert.deepEqual(names, ["Host", "X-Kept", "Dealix-Signature", "Content-Length", "Connection"]);
    assert.equal(String(got[0].body), "{}");
  }),
);

test("cli: files sort in the order of arrival, even within a millisecond", { timeout: 60_000 }, (t) =>
  withFolder(async (folder) => {
    const { url, line } = await listen(t, ["--json", "--save", folder]);
    const ids = Array.from({ length: 60 }, (_, number) => `evt_${number}`);
    const requests = ids.map(async (id) => {
      const request = signedRequest({ secret: SECRET, event: makeEvent({ type: "deal.won", id }), url });
      const body = Buffer.from(await request.arrayBuffer());
      const signature = request.headers.get("Dealix-Signature");
      const head = `POST / HTTP/1.1\r\nHost: a\r\nDealix-Signature: ${signature}\r\nContent-Length: ${body.length}\r\n\r\n`;
      return Buffer.concat([Buffer.from(head), body]);
    });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    t.after(() => socket.destroy());
    socket.write(Buffer.concat(await Promise.all(requests)));
    for (const _ of ids) await line();
    const files = readdirSync(folder).sort();
    const saved = files.map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
    assert.ok(new Set(saved.map(({ receivedAt }) => receivedAt)).size < ids.length, "some share a millisecond");
    assert.deepEqual(
      saved.map(({ body }) => JSON.parse(Buffer.from(body, "base64")).id),
      ids,
    );
  }),
);

test("cli: a folder that others can write to is refused", { skip: process.platform === "win32" }, () =>
  withFolder(async (folder) => {
    const commands = [
      ["listen", "--port", "0", "--save", folder],
      ["replay", folder, "--to", "http://localhost:1"],
    ];
    const refuse = async (message) => {
      for (const words of commands) {
        const { code, stdout, stderr } = await run(words);
        assert.deepEqual([code, stdout], [2, ""]);
        assert.match(stderr, message);
        assert.ok(!stderr.includes(folder));
      }
    };
    for (const mode of [0o720, 0o702]) {
      chmodSync(folder, mode);
      await refuse(/(--save|FOLDER): other users can write to the folder: run chmod go-w on it/);
    }
    chmodSync(folder, 0o755);
    if (process.getuid() !== 0) return;
    chownSync(folder, 12_345, 12_345);
    await refuse(/(--save|FOLDER): the folder belongs to another user/);
  }),
);

test("cli: usage errors of listen, replay and check point to the help", { timeout: 60_000 }, () =>
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
      [["listen", "--save", import.meta.filename], /--save: the folder cannot be created \(EEXIST\)/],
      [["replay"], /FILE or FOLDER is missing/],
      [["replay", folder], /--to is missing/],
      [
        ["replay", folder, "--to", "http://localhost:1"],
        /the FOLDER contains no deliveries: `listen --save FOLDER` writes them/,
      ],
      [["replay", join(folder, "none"), "--to", "http://localhost:1"], /there is no such FILE or FOLDER/],
      [
        ["replay", "whsec_1".repeat(100), "--to", "http://localhost:1"],
        /FILE or FOLDER cannot be read \(ENAMETOOLONG\)/,
      ],
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
