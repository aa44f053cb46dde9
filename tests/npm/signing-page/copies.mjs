// What the signing page copies, run unchanged: against the Node receiver of the examples, and as a test of Vitest.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { nodeHandler } from "@dealix/webhooks/node";
import { commandOf, run } from "../runtimes/process.mjs";
import { SECRET, assertLogged, start } from "../runtimes/receiver.mjs";
import { address } from "./built.mjs";
import { assertUnharmed, readPowerShell } from "./powershell.mjs";
import { browsers } from "./running.mjs";
import { freePort } from "../support/free-port.mjs";
import { withServer } from "../support/http.mjs";

const LIMIT = { timeout: 120_000 };
const BODIES = {
  "Arabic, emoji": { name: "شركة الأفق 🌅", city: "Besançon" },
  "quotes, newlines, escapes": { text: `it's "quoted" \n\r\t \\ \\n \u2028 'EOF' </script>` },
  "what shells expand": { text: "$HOME `id` $(id) %PATH% %s ! # @file ^ & | < > ; * ~" },
  "typographic quotes, braces": { text: "‘it’s’ ‚so‛ {{name}} {{$guid}} $(id) `n" },
  "200 kB": { text: 'it\'s "long" 😀 '.repeat(8000) },
};

const receiver = start("node", ["receiver.mjs"], { DEALIX_WEBHOOK_SECRET: SECRET, PORT: String(await freePort()) });
after(() => receiver.stop());
const url = await receiver.url(/http:\S+/);

const RUN = {
  curl: (text) => run("bash", [], { input: text }),
  fetch: (text) => run("node", ["--input-type=module"], { input: text }),
  python: (text) => run(process.env.DEALIX_PYTHON ?? "python3", ["-"], { input: text }),
  powershell: sendFromWindows,
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

test("signing page: copies for any event type and address work", LIMIT, async () => {
  const got = [];
  const onEvent = ({ type }, { request }) => void got.push([type, request.url]);
  await withServer(createServer(nodeHandler({ secret: SECRET, onEvent })), async (base) => {
    const odd = { type: `a: "b" it's \\`, to: `${base}?a[]={1..9}&b=$HOME` };
    for (const [form, send] of Object.entries(RUN)) {
      const { text } = await copied(form, { name: "x" }, odd);
      assert.equal((await send(text)).trim(), "204", text);
      const [type, address] = got.pop();
      assert.deepEqual([type, decodeURI(address)], [odd.type, odd.to.slice(new URL(base).origin.length)], form);
    }
  });
});

test("signing page: a .http file that editors would change says so", LIMIT, async () => {
  const warned = async (name) =>
    (await copied("http", { name })).text.startsWith("# The signed body has double braces");
  assert.deepEqual([await warned("{{name}}"), await warned("{name}")], [true, false]);
});

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
  const isOff = () => tab.evaluate(() => document.querySelector(".copy").disabled);
  assert.equal(await isOff(), false);
  await tab.fill("#data", "no JSON");
  assert.equal(await isOff(), true, "while there is nothing to copy");
  assert.doesNotMatch(await tab.text("main"), /Type a secret/, "there is one already");
  await tab.fill("#data", "{}");
  await tab.evaluate(() => {
    navigator.clipboard.writeText = async (text) => void (window.copied = text);
  });
  await tab.click(".copy");
  assert.equal(await tab.evaluate(() => window.copied), await tab.text("#copy-text"));
  await tab.close();
});

test("signing page: text that cannot be copied is selected", LIMIT, async () => {
  for (const refuse of [
    () => Object.defineProperty(navigator, "clipboard", { value: undefined }),
    () => Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error()) } }),
  ]) {
    const tab = await browsers.chromium.open(address);
    await tab.shows("#verdict");
    await tab.evaluate(`() => void (${refuse})()`);
    await tab.click("#mode-sign");
    await tab.fill("#signing-secret", SECRET);
    await tab.click(".copy");
    await tab.shows(".to-copy");
    const selected = await tab.evaluate(() => {
      const { value, selectionStart, selectionEnd } = document.activeElement;
      return value.slice(selectionStart, selectionEnd);
    });
    assert.equal(selected, await tab.text("#copy-text"));
    assert.match(await tab.text(".to-copy"), /copy it yourself/);
    assert.deepEqual(tab.errors, []);
    await tab.close();
  }
});

/** The text in this form, and the event's id. */
async function copied(form, data, { type, to = url } = {}) {
  const tab = await browsers.chromium.open(address);
  try {
    await signWith(tab, data);
    await tab.fill("#url", to);
    if (type !== undefined) {
      await tab.choose("#type", "");
      await tab.fill("#own-type", type);
    }
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

/** Windows' own file and program, each replaced with this machine's. */
async function sendFromWindows(text) {
  const folder = mkdtempSync(join(tmpdir(), "dealix-copies-"));
  try {
    const { file, content, words } = readPowerShell(text);
    assertUnharmed(words);
    writeFileSync(join(folder, file), content);
    return await run("curl", words, { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A `.http` file as editors read it: comments, the request line, headers, an empty line, the body. */
async function sendFile(text) {
  const [head, ...rest] = text.split("\n\n");
  const [first, ...lines] = head.split("\n").filter((line) => !line.startsWith("#"));
  const [method, address] = first.split(" ");
  const headers = lines.map((line) => /^([^:]+): (.*)$/.exec(line).slice(1));
  const body = rest.join("\n\n");
  assert.doesNotMatch(body, /\n|^[#<>/]/, "one line, and no command of an editor");
  const { status } = await fetch(address, { method, headers, body });
  return String(status);
}
