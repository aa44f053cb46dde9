// What a new user does: signs a payload on the page, pastes the curl into a terminal, and sees the example receiver verify
// it. Then each mistake, made for real: the receiver refuses what arrives, and the page says of those bytes why.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { rawBody } from "@dealix/webhooks/node";
import { run } from "../runtimes/process.mjs";
import { assertLogged, start } from "../runtimes/receiver.mjs";
import { freePort } from "../support/free-port.mjs";
import { withServer } from "../support/http.mjs";
import { address } from "./built.mjs";
import { assertSecretsStay, assertSilent } from "./leaks.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 180_000 };
const SECRET = "whsec_c3Rvcnk";
const QUOTED = `"${SECRET}"`;
const OTHER = "whsec_YW5vdGhlcg";

/** A step between the body and curl. */
const through = (command) => (text) => text.replace(" |\n  curl ", ` |\n  ${command} |\n  curl `);
const written = (format) => (text) => text.replace("printf %s ", `printf '${format}' `);
const upperCase = (text) => text.replace(/(?<=v1=)[0-9a-f]+/, (hex) => hex.toUpperCase());

/** By cause: a part of the cure's words, what is done to the copied text, or what else is wrong. */
const MISTAKES = {
  newline: { cure: "printf %s", edit: written("%s\\n") },
  byte_order_mark: { cure: "as they arrive", edit: written("\\xef\\xbb\\xbf%s") },
  body_parsed: {
    cure: "raw body",
    edit: through(`node -p 'JSON.stringify(JSON.parse(fs.readFileSync(0)))' | tr -d '\\n'`),
  },
  body_rewritten: { cure: "before that point", edit: through("sed s/SAR/EUR/ | python3 -m json.tool") },
  body_truncated: { cure: "to its end", edit: through("head -c -20") },
  empty_body: { cure: "read it first", edit: through("tail -c 0") },
  base64_body: { cure: "Decode it first", edit: through("base64 -w 0") },
  compressed_body: { cure: "decompress the body", edit: through("gzip") },
  missing_header: { cure: "no proxy drops", edit: (text) => text.replace(/.*Dealix-Signature.*\n/, "") },
  header_rewritten: { cure: "exactly as it arrived", edit: (text) => text.replace(/(?<=t=\d+),/, ";") },
  upper_case_hex: { cure: "lower case", edit: upperCase },
  clock_skew: { cure: "with NTP", time: Math.floor(Date.now() / 1000) - 4000 },
  secret_wrapped: { cure: ".env", secret: QUOTED },
  unknown_secret: { cure: "for this endpoint", secret: OTHER },
};

const receivers = new Map();
for (const secret of [SECRET, QUOTED, OTHER]) {
  const env = { DEALIX_WEBHOOK_SECRET: secret, PORT: String(await freePort()) };
  const receiver = start("node", ["receiver.mjs"], env);
  after(() => receiver.stop());
  receivers.set(secret, { ...receiver, url: await receiver.url(/http:\S+/) });
}

for (const [name, browser] of Object.entries(browsers)) {
  test(`signing page, ${name}: a new user's story, with every mistake`, LIMIT, async () => {
    const tab = await browser.open(address);
    await tab.shows("#verdict");
    const good = await pasted(await copied(tab));
    assert.equal(good.status, 204);
    await assertLogged(receivers.get(SECRET).errors, new RegExp(`deal.won ${good.id}`));
    for (const [cause, { cure, edit = (text) => text, time, secret = SECRET }] of Object.entries(MISTAKES)) {
      const copy = await copied(tab, time);
      const text = edit(copy);
      assert.equal(text === copy, !("edit" in MISTAKES[cause]), `${cause}: the text is another`);
      const broken = await pasted(text, secret);
      assert.equal(broken.status, 400, cause);
      await explain(tab, broken, secret);
      assert.equal(await tab.text("#cause"), cause);
      assert.ok((await tab.text("main")).includes(cure), `${cause}: ${await tab.text("main")}`);
    }
    await assertSilent(tab);
    await assertSecretsStay(tab, [SECRET, OTHER]);
    await tab.close();
  });
}

/** Signs in the page, and returns the curl. */
async function copied(tab, time) {
  await tab.click("#mode-sign");
  await tab.shows("#signing-secret");
  await tab.fill("#signing-secret", SECRET);
  await tab.fill("#url", receivers.get(SECRET).url);
  if (time === undefined) await tab.evaluate(() => document.querySelector("#use-now[aria-pressed=false]")?.click());
  else await tab.fill("#time", String(time));
  return tab.text("#copy-text");
}

/** Runs the curl in a shell, on the way to the receiver with this secret: its status, and what arrived there. */
async function pasted(text, secret = SECRET) {
  const receiver = receivers.get(secret).url;
  let arrived;
  const passOn = async (request, response) => {
    const headers = Object.entries(request.headers).filter(([name]) => !["host", "content-length"].includes(name));
    arrived = { headers, body: await rawBody(request) };
    const { status } = await fetch(receiver, { method: "POST", headers, body: arrived.body });
    response.writeHead(status).end();
  };
  return withServer(createServer(passOn), async (url) => {
    const status = Number(await run("bash", [], { input: text.replace(receivers.get(SECRET).url, url) }));
    const id = arrived.headers.find(([header]) => header === "dealix-event-id")[1];
    return { status, id, ...arrived };
  });
}

/** Gives the page what arrived, and asks why it was refused. */
async function explain(tab, { headers, body }, secret) {
  await tab.click("#mode-verify");
  await tab.shows("#clear");
  await tab.click("#clear");
  await tab.fill("#header", headers.map((header) => header.join(": ")).join("\n"));
  await tab.fill("#secret-0", secret);
  await tab.click('[name="body-kind"][value="file"]');
  await tab.giveFile("#body", body);
  await tab.shows(".kept");
  await tab.click("#explain");
  await tab.shows("#cause");
}
