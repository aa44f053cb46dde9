// A secret in the wrong place: no message repeats it, since messages end up in logs.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run, runMany } from "./support/command.mjs";

/** One value that looks like a secret, and one that does not. */
const SECRETS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "topsecretvalue"];
const OPTIONS = {
  sign: ["body", "timestamp", "json"],
  verify: ["body", "signature", "header", "headers", "max-age-seconds", "now", "json"],
  explain: ["body", "signature", "header", "headers", "max-age-seconds", "now", "other-secret-env", "json"],
  send: ["to", "type", "data", "customer", "id", "event", "timestamp", "json"],
  listen: ["port", "host", "max-age-seconds", "other-secret-env", "show-data", "forward-to", "resign", "json"],
  replay: ["to", "json"],
  check: ["to", "previous-secret-env", "json"],
};
/** The other required options of each call, so that the option under test is checked. */
const REST = {
  sign: { body: "x" },
  verify: { body: "x", signature: "t=1,v1=2" },
  explain: { body: "x", signature: "t=1,v1=2" },
  send: { to: "http://127.0.0.1:1", type: "deal.won" },
  // Ends at once, whether or not the rest is right.
  listen: { port: "70000" },
  replay: { to: "http://127.0.0.1:1" },
  check: { to: "http://127.0.0.1:1" },
};

const words = (options) => Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);

/** Every call with the secret in it, as [arguments, whether the request shows it by design]. */
function* calls(command, secret) {
  yield [[command, secret], false];
  yield [[command, `--${secret}`], false];
  yield [[command, `-${secret}`], false];
  yield [[command, "--", secret], false];
  yield [[command, "--secret", secret], false];
  yield [[command, `--verbose=${secret}`], false];
  for (const option of OPTIONS[command]) {
    const { [option]: _, ...others } = REST[command];
    const isRequest = command === "send" && ["type", "customer", "id"].includes(option);
    yield [[command, `--${option}=${secret}`], false];
    for (const value of [secret, `@${secret}`, `@/nowhere/${secret}`])
      yield [[command, ...words(others), `--${option}`, value], isRequest];
  }
}

/** Values that contain the secret, for options that need more than one word. */
const AROUND = [
  ["verify", (secret) => ["--body", "x", "--header", `Authorization: ${secret}`]],
  ["explain", (secret) => ["--body", "x", "--header", `Authorization: ${secret}`]],
  ["explain", (secret) => ["--body", secret, "--signature", secret]],
  ["explain", (secret) => ["--body", "x", "--signature", `t=1,v1=${secret}`]],
  ["send", (secret) => ["--type", "deal.won", "--to", `https://user:${secret}@receiver.example/`]],
  ["send", (secret) => ["--type", "deal.won", "--to", `https://${secret}@receiver.example/`]],
  ["send", (secret) => ["--type", "deal.won", "--to", `localhost:3000/${secret}`]],
  ["send", (secret) => ["--type", "deal.won", "--to", `${secret}@localhost:3000`]],
  ["send", (secret) => ["--type", "deal.won", "--to", `ftp://receiver.example/${secret}`]],
  ["check", (secret) => ["--to", `https://${secret}@receiver.example/`]],
  ["check", (secret) => ["--to", `http://127.0.0.1:1/${secret}`]],
  ["replay", (secret) => [`/nowhere/${secret}`, "--to", `http://127.0.0.1:1/${secret}`]],
  ["listen", (secret) => ["--port", "70000", "--save", secret]],
  ["listen", (secret) => ["--port", "70000", "--forward-to", `localhost:3000/${secret}`]],
  ["send", (secret) => ["--to", "http://127.0.0.1:1", "--type", "deal.won", "--data", `{"a": ${secret}`]],
  ["send", (secret) => ["--to", "http://127.0.0.1:1", "--event", `{"id": "${secret}"}`]],
  ["send", (secret) => ["--to", "http://127.0.0.1:1", "--event", "{}", "--id", secret]],
];

for (const command of Object.keys(OPTIONS)) {
  test(`cli: ${command} never repeats a misplaced secret`, { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "dealix-cli-"));
    const cases = SECRETS.flatMap((secret) => [
      ...Array.from(calls(command, secret), ([words, isRequest]) => ({ secret, words, isRequest })),
      ...AROUND.filter(([name]) => name === command).map(([, around]) => ({
        secret,
        words: [command, ...around(secret)],
        isRequest: false,
      })),
    ]);
    const answers = await runMany(
      cases.map(({ words }) => words),
      { cwd: folder },
    );
    rmSync(folder, { recursive: true });
    assert.equal(answers.length, cases.length);
    for (const [index, { secret, words, isRequest }] of cases.entries()) {
      const { code, stdout, stderr } = answers[index];
      assert.ok(code === 0 || code === 1 || code === 2, `${words}: ${code}`);
      assert.ok(stdout + stderr !== "", `${words}: nothing was printed`);
      const printed = isRequest ? stderr : stdout + stderr;
      assert.ok(!printed.includes(secret), `${words.join(" ")}\n${printed}`);
      assert.doesNotMatch(stderr, /\n\s+at /, "no stack");
    }
  });
}

test("cli: a secret for a command's name is not repeated", async () => {
  for (const secret of SECRETS) {
    for (const words of [[secret], [`--${secret}`], [secret, "--help"], ["help", secret]]) {
      const { stdout, stderr } = await run(words);
      assert.ok(!(stdout + stderr).includes(secret), stdout + stderr);
    }
  }
});

test("cli: a secret as an argument: it says where secrets come from", async () => {
  for (const words of [
    ["sign", "--secret", "whsec_1"],
    ["sign", "--secret=whsec_1"],
    ["sign", "--key", "whsec_1"],
    ["sign", "--body", "x", "whsec_1"],
    ["listen", "whsec_1"],
  ]) {
    assert.match((await run(words)).stderr, /other users can see arguments; set DEALIX_WEBHOOK_SECRET/);
  }
});

test("cli: the name of a file is no secret", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dealix-cli-"));
  writeFileSync(join(folder, "body.json"), "{}");
  for (const [words, option] of [
    [["sign", "--body"], "body"],
    [["verify", "--signature", "x", "--body"], "body"],
    [["send", "--to", "http://127.0.0.1:1", "--type", "deal.won", "--data"], "data"],
    [["send", "--to", "http://127.0.0.1:1", "--event"], "event"],
    [["explain", "--body", "x", "--headers"], "headers"],
  ]) {
    const { code, stderr } = await run([...words, "body.json"], { cwd: folder });
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`did you mean --${option} @body\\.json\\?`));
  }
  rmSync(folder, { recursive: true });
});
