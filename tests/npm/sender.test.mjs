// The sender, as `dealix-sender`, against receivers that run the package: late attempts verify, and the
// walkthrough of docs/sender.md ends with everything delivered.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { promisify } from "node:util";
import { freePort } from "./support/free-port.mjs";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const SENDER = process.env.DEALIX_SENDER;
assert.ok(SENDER, "DEALIX_SENDER names the dealix-sender to test; `cargo xtask test` sets it");
const SECRET = "whsec_test";

/** A folder for a queue, and the environment that names both. */
function makeQueue(t) {
  const folder = mkdtempSync(join(tmpdir(), "dealix-sender-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const PATH = `${dirname(SENDER)}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH, DEALIX_DATABASE: `sqlite://${folder}/queue.db`, DEALIX_WEBHOOK_SECRET: SECRET };
  return { folder, env };
}

/** A command line for a process whose clock is `seconds` ahead. */
function at(seconds, command, ...words) {
  return ["faketime", ["-f", `+${seconds}s`, command, ...words]];
}

/** examples/node/receiver.mjs; `lines` fills with what it prints. */
async function startReceiver(t, port, seconds, env) {
  const [command, words] = at(seconds, "node", join(root, "examples/node/receiver.mjs"));
  // Its own process group: faketime's child would outlive it.
  const receiver = spawn(command, words, { env: { ...env, PORT: String(port) }, detached: true });
  t.after(() => process.kill(-receiver.pid));
  const lines = [];
  const output = createInterface({ input: receiver.stdout }).on("line", (line) => lines.push(line));
  createInterface({ input: receiver.stderr }).on("line", (line) => lines.push(line));
  await once(output, "line");
  return lines;
}

test("a receiver down for three attempts verifies the fourth", { timeout: 60_000 }, async (t) => {
  const { env: plain } = makeQueue(t);
  // Timers go on as ever; only what time it is differs.
  const env = { ...plain, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
  const sender = (seconds, ...words) => run(...at(seconds, SENDER, ...words, "--json"), { env });
  const port = await freePort();
  await sender(
    0,
    "subscriptions",
    "add",
    "--customer",
    "cus_1",
    "--to",
    `http://127.0.0.1:${port}/webhooks/dealix`,
    "--local",
  );
  const { stdout } = await sender(0, "enqueue", "--type", "deal.won", "--customer", "cus_1");
  const { event_id } = JSON.parse(stdout);

  const work = async (seconds) => {
    const { stdout } = await sender(seconds, "work", "--local", "--until-idle", "--no-jitter");
    const { delivered, retries } = JSON.parse(stdout);
    return { delivered, retries };
  };
  // The schedule: at once, then 30 s, 5 min and 30 min after the previous attempt. Nothing is due in between.
  assert.deepEqual(await work(0), { delivered: 0, retries: 1 });
  assert.deepEqual(await work(15), { delivered: 0, retries: 0 });
  assert.deepEqual(await work(40), { delivered: 0, retries: 1 });
  assert.deepEqual(await work(360), { delivered: 0, retries: 1 });
  assert.deepEqual(await work(1800), { delivered: 0, retries: 0 });

  const received = await startReceiver(t, port, 2180, env);
  assert.deepEqual(await work(2180), { delivered: 1, retries: 0 });
  assert.deepEqual(received.slice(1), [`deal.won ${event_id}`]);

  const { stdout: listed } = await sender(0, "deliveries");
  const [delivery] = JSON.parse(listed);
  assert.equal(delivery.state, "delivered");
  assert.equal(delivery.attempts, 4);
  const log = JSON.parse((await sender(0, "deliveries", delivery.delivery_id)).stdout).attempts;
  assert.deepEqual(
    log.map(({ success }) => success),
    [false, false, false, true],
  );
  // Signed at the event's own time it would have been stale: over 35 minutes old, where 5 are the limit.
  const age = log[3].timestamp - log[0].timestamp;
  assert.ok(age > 35 * 60 && age < 37 * 60, `the fourth attempt was made ${age} s after the first`);
});

test("the walkthrough: the plug is pulled, and everything arrives", { timeout: 120_000 }, async (t) => {
  const script = readFileSync(join(root, "examples/sender/walkthrough.sh"), "utf8");
  const page = readFileSync(join(root, "docs/sender.md"), "utf8");
  assert.ok(
    page.includes(`\`\`\`sh\n${script}\`\`\`\n`),
    "examples/sender/walkthrough.sh is not what docs/sender.md shows",
  );

  const { folder, env } = makeQueue(t);
  const port = await freePort();
  const received = await startReceiver(t, port, 0, env);
  const { stdout, stderr } = await run("bash", ["-c", script.replace("localhost:3000", `localhost:${port}`)], {
    env,
    cwd: folder,
  });
  assert.ok(!`${stdout}${stderr}`.includes(SECRET), "the secret was printed");

  const leftByTheFirst = Number(/^(\d+) delivered/m.exec(stdout)?.[1]);
  assert.ok(
    leftByTheFirst > 0 && leftByTheFirst <= 1900,
    `the plug was not pulled half-way: ${leftByTheFirst} of 2000 were left`,
  );
  assert.match(stdout, /^2000 events queued for 2000 deliveries\n/m);
  assert.match(stdout, /\n2000\n$/);
  const deliveries = ["deliveries", "--json", "--limit", "10000"];
  const { stdout: listed } = await run(SENDER, deliveries, {
    env: { ...env, DEALIX_DATABASE: "sqlite://queue.db" },
    cwd: folder,
    maxBuffer: 2 ** 24,
  });
  const queued = new Set(JSON.parse(listed).map(({ event_id }) => event_id));
  const arrived = new Set(received.slice(1).map((line) => line.split(" ")[1]));
  assert.equal(queued.size, 2000);
  assert.deepEqual(arrived, queued);
});
