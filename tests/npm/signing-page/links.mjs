// What is in the address of the signing page, and where it leads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { signPayload } from "@dealix/webhooks";
import { address } from "./built.mjs";
import { assertSecretsStay, assertSilent } from "./leaks.mjs";
import { paste } from "./pasting.mjs";
import { browsers } from "./running.mjs";
import { TOKEN, UNREAD } from "./unread.mjs";

const LIMIT = { timeout: 90_000 };
/** Without the prefix by which ours are known. */
const SECRET = "correct horse battery";
const sign = (body) => signPayload({ secret: SECRET, body });

for (const [name, browser] of Object.entries(browsers)) {
  const page = (what, run) =>
    test(`signing page, ${name}: ${what}`, LIMIT, async () => {
      const tab = await browser.open(address);
      await tab.shows("#verdict");
      await run(tab);
      await assertSilent(tab);
      await tab.close();
    });

  page("no credential of a paste gets into the address", async (tab) => {
    for (const [what, text] of Object.entries(UNREAD)) {
      await tab.click("#clear");
      await paste(tab, "#header", text);
      await tab.fill("#body", "{}");
      await rest();
      assert.ok(!(await everything(tab)).includes(TOKEN), what);
    }
  });

  page("a signature header is in the address", async (tab) => {
    const header = sign("{}");
    for (const text of [header, `"${header}"`, header.replace(",", ";"), `Dealix-Signature: ${header}`]) {
      await tab.click("#clear");
      await rest();
      await paste(tab, "#header", text);
      await tab.fill("#body", "{}");
      await rest();
      assert.ok((await everything(tab)).includes(header.slice(-64)), text);
    }
  });

  page("what is left out of the link is said, and why", async (tab) => {
    await tab.click("#clear");
    await tab.fill("#header", UNREAD.httpie);
    await tab.fill("#body", "{}");
    assert.match(await tab.text(".toolbar"), /could not be read/);
    await tab.fill("#header", sign("{}"));
    assert.match(await tab.text(".toolbar"), /Copy link/);
    await tab.click('[name="body-kind"][value="base64"]');
    await tab.fill("#body", "no base64!");
    assert.match(await tab.text(".toolbar"), /^Copy link/);
    assert.ok(await tab.evaluate(() => document.querySelector(".copy").disabled), "half a link cannot be copied");
  });

  page("a typed secret without our prefix stays in its field", async (tab) => {
    await tab.click("#clear");
    await tab.fill("#secret-0", SECRET);
    await tab.fill("#header", sign("{}"));
    await tab.fill("#body", `{"a":"${SECRET}"}`);
    assert.match(await tab.text(".warning"), /secret/);
    await assertSecretsStay(tab, [SECRET], ["text"]);
    await tab.fill("#body", "{}");
    await tab.fill("#header", `Host: ${SECRET}\nDealix-Signature: ${sign("{}")}`);
    assert.match(await tab.text(".warning"), /secret/);
    await assertSecretsStay(tab, [SECRET], ["text"]);
    await tab.fill("#header", UNREAD["the line of an .env file"]);
    assert.match(await tab.text(".warning"), /secret/);
    await tab.fill("#header", `curl https://x.example -H 'Dealix-Signature: ${sign("{}")}'`);
    assert.equal(await tab.text(".warning"), null);
  });

  page("going back to the first page shows the sample alone", async (tab) => {
    await tab.click("#clear");
    await tab.fill("#header", sign("{}"));
    await tab.click('[name="body-kind"][value="file"]');
    await tab.giveFile("#body", Buffer.from("{}"));
    await tab.shows(".kept");
    await tab.click("#add-secret");
    await tab.until(() => location.hash.includes("body="));
    await tab.evaluate(() => void (location.hash = ""));
    await tab.shows("#verdict[data-tone=good]");
    const [note, secrets] = [
      await tab.text(".toolbar"),
      await tab.evaluate(() => !document.querySelector("#secret-1")),
    ];
    assert.match(note, /This is a sample/);
    assert.ok(secrets, "one secret");
    assert.match(await tab.value("#body"), /deal\.won/);
  });
}

/** Until the address has been written. */
function rest() {
  return new Promise((resolve) => setTimeout(resolve, 400));
}

/** The address, also with its body decoded. */
function everything(tab) {
  return tab.evaluate(() => {
    const body = new URLSearchParams(location.hash.slice(1)).get("body") ?? "";
    return `${decodeURIComponent(location.href.replace(/\+/g, " "))}\n${atob(body)}`;
  });
}
