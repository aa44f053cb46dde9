// What the signing page copies, run unchanged: against the Node receiver of the examples, and as a test of Vitest.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { commandOf, run } from "../runtimes/process.mjs";
import { SECRET, assertLogged, start } from "../runtimes/receiver.mjs";
import { address } from "./built.mjs";
import { browsers } from "./running.mjs";
import { freePort } from "../support/free-port.mjs";

const LIMIT = { timeout: 120_000 };
const BODIES = {
  "Arabic, emoji": { name: "شركة الأفق 🌅", city: "Besançon" },
  "quotes, newlines, escapes": { text: `it's "quoted" \n\r\t \\ \\n \u2028 'EOF' </script>` },
  "what shells expand": { text: "$HOME `id` $(id) %PATH% %s ! # @file ^ & | < > ; * ~" },
  "200 kB": { text: 'it\'s "long" 😀 '.repeat(8000) },
};

const receiver = start("node", ["receiver.mjs"], { DEALIX_WEBHOOK_SECRET: SECRET, PORT: String(await freePort()) });
after(() => receiver.stop());
const url = await receiver.url(/http:\S+/);

const RUN = {
  curl: (text) => run("bash", [], { input: text }),
  fetch: (text) => run("node", ["--input-type=module"], { input: text }),
  python: (text) => run(process.env.DEALIX_PYTHON ?? "python3", ["-"], { input: text }),
  http: sendFile,
};

for (const [form, send] of Object.entries(RUN)) {
  test(`signing page: ${form} as it was copied is verified`, LIMIT, async () => {
    for (const [what, data] of Object.entries(BODIES)) {
      const { text, id } = await copied(form, data);
      assert.equal((await send(text)).trim(), "204", `${what}: ${text.slice(0, 300)}`);
      await assertLogged(receiver.errors, new RegExp(`deal.won ${id}`));
    }
  });
}

test("signing page: a copy with another byte is refused", LIMIT, async () => {
  const { text } = await copied("curl", { name: "x" });
  assert.equal((await RUN.curl(text.replace('"x"', '"y"'))).trim(), "400");
});

test("signing page: the copied test passes in Vitest, until broken", LIMIT, async () => {
  const folder = join(import.meta.dirname, "vitest");
  mkdirSync(folder, { recursive: true });
  const vitest = async (text) => {
    writeFileSync(join(folder, "copied.test.mjs"), text);
    const env = { ...process.env, DEALIX_WEBHOOK_SECRET: SECRET };
    return run("node", [commandOf("vitest"), "run", "--root", folder], { cwd: folder, env });
  };
  for (const data of Object.values(BODIES)) await vitest((await copied("vitest", data)).text);
  const { text } = await copied("vitest", { name: "x" });
  await assert.rejects(vitest(text.replace("now: 1", "now: 2")), /stale_signature/);
});

test("signing page: the copy button copies what is shown", LIMIT, async () => {
  const tab = await browsers.chromium.open(address);
  await signWith(tab, { name: "x" });
  await tab.evaluate(() => {
    navigator.clipboard.writeText = async (text) => void (window.copied = text);
  });
  await tab.click(".copy");
  assert.equal(await tab.evaluate(() => window.copied), await tab.text("#copy-text"));
  await tab.close();
});

/** The text in this form, and the event's id. */
async function copied(form, data) {
  const tab = await browsers.chromium.open(address);
  try {
    await signWith(tab, data);
    await tab.click(`[name="form"][value="${form}"]`);
    const { id } = JSON.parse(await tab.text("#canonical"));
    const text = await tab.text("#copy-text");
    assert.ok(!text.includes(SECRET), "no copy holds the secret");
    return { text, id };
  } finally {
    await tab.close();
  }
}

async function signWith(tab, data) {
  await tab.shows("#verdict");
  await tab.click("#mode-sign");
  await tab.fill("#url", url);
  await tab.fill("#data", JSON.stringify(data));
  await tab.fill("#signing-secret", SECRET);
}

/** A `.http` file as editors read it: the request line, headers, an empty line, the body. */
async function sendFile(text) {
  const [head, ...rest] = text.split("\n\n");
  const [first, ...lines] = head.split("\n");
  const [method, address] = first.split(" ");
  const headers = lines.map((line) => line.split(": "));
  const { status } = await fetch(address, { method, headers, body: rest.join("\n\n") });
  return String(status);
}
