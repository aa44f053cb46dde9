// Everything that can be pasted in the header's place of the signing page, read back to the same delivery.
import assert from "node:assert/strict";
import { signPayload } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { onPage } from "./on-page.mjs";
import { paste } from "./pasting.mjs";
import { browsers } from "./running.mjs";
import { COPIED } from "./written.mjs";

const LIMIT = { timeout: 120_000 };
const SECRET = "whsec_Zm9yIHRoZSB0ZXN0cw";
const FORMS = ["curl", "powershell", "fetch", "python", "http", "vitest"];
const BODIES = {
  "Arabic, emoji": { name: "شركة الأفق 🌅", city: "Besançon" },
  "quotes, newlines, escapes": { text: `it's "quoted" \n\r\t \\ \\n \u2028 'EOF' </script>` },
  "braces, which editors take for variables": { text: "{{name}} {{$guid}}" },
  "what shells expand": { text: "$HOME `id` $(id) %PATH% %s ! # @file ^ & | < > ; * ~" },
  "200 kB": { text: 'it\'s "long" 😀 '.repeat(8000) },
};
/** Bodies that are not canonical, so that forms have more to escape. */
const RAW = {
  ...BODIES,
  lines: { text: "x", __raw: '{\n  "name": "شركة \'الأفق\'!",\n\t"path": "C:\\\\new"\n}' },
};
const sign = (body) => signPayload({ secret: SECRET, body });

for (const [name, browser] of Object.entries(browsers)) {
  const page = onPage(name, browser, LIMIT, SECRET);

  page("its own copies are read back", async (tab) => {
    await tab.fill("#secret-0", "");
    for (const [what, data] of Object.entries(BODIES)) {
      await tab.click("#mode-sign");
      await tab.fill("#data", JSON.stringify(data));
      await tab.fill("#signing-secret", SECRET);
      const copies = {};
      for (const form of FORMS) {
        await tab.click(`[name="form"][value="${form}"]`);
        copies[form] = await tab.text("#copy-text");
      }
      await tab.click("#mode-verify");
      await tab.shows("#clear");
      for (const [form, text] of Object.entries(copies)) {
        await tab.click("#clear");
        await tab.fill("#secret-0", SECRET);
        await paste(tab, "#header", text);
        assert.equal(await tab.word(), "Verified", `${form}, ${what}: ${text.slice(0, 200)}`);
      }
    }
  });

  page("what developer tools copy is read", async (tab) => {
    for (const [form, write] of Object.entries(COPIED)) {
      for (const [what, { __raw, ...data }] of Object.entries(RAW)) {
        const body = __raw ?? JSON.stringify(data);
        await again(tab);
        await paste(tab, "#header", write({ header: sign(body), body }));
        assert.equal(await tab.word(), "Verified", `${form}, ${what}`);
      }
    }
  });

  page("a body that is not in the command is asked for", async (tab) => {
    const head = `curl https://x.example -H 'Dealix-Signature: ${sign("{}")}'`;
    for (const [data, word] of [
      ["--json '{}'", "Verified"],
      ["-d '{' -d '}'", "Does not match"],
      ["--data-raw @file", "Does not match"],
      ["--data-binary @body.json", "The body is missing"],
      ["--data-binary @-", "The body is missing"],
      ["-T body.json", "The body is missing"],
      ["-F a=1", "The body is missing"],
    ]) {
      await again(tab);
      await paste(tab, "#header", `${head} ${data}`);
      assert.equal(await tab.word(), word, data);
    }
    await tab.fill("#body", "{}");
    assert.equal(await tab.word(), "Verified");
    await tab.fill("#body", "");
    await tab.fill(
      "#header",
      `fetch(url, { headers: { "Dealix-Signature": "${sign("{}")}" }, body: JSON.stringify(data) })`,
    );
    assert.equal(await tab.word(), "The body is missing");
  });

  page("headers are read as programs log them", async (tab) => {
    const [body, header] = ["{}", sign("{}")];
    const headers = { host: "x.example", "dealix-signature": header };
    for (const [what, text] of Object.entries({
      "an object": JSON.stringify(headers),
      "console.log": `{\n  host: 'x.example',\n  'dealix-signature': '${header}'\n}`,
      "a dict": `{'Host': 'x.example', 'Dealix-Signature': '${header}'}`,
      "with its name, and blanks": `  Dealix-Signature:   ${header}  `,
    })) {
      await tab.fill("#header", text);
      await tab.fill("#body", body);
      assert.equal(await tab.word(), "Verified", what);
    }
    await tab.fill("#body", "");
    for (const isBase64Encoded of [false, true]) {
      const event = { headers, body: isBase64Encoded ? btoa(body) : body, isBase64Encoded };
      await tab.fill("#header", JSON.stringify(event));
      assert.equal(await tab.word(), "Verified", "an event of Lambda");
    }
    await again(tab);
    const lines = "{\r\n}";
    await paste(tab, "#header", `POST / HTTP/1.1\r\nDealix-Signature: ${sign(lines)}\r\n\r\n${lines}`);
    assert.equal(await tab.word(), "Verified", "CRLF in the body");
  });

  page("commands are read as terminals show them", async (tab) => {
    const [body, header] = ['{"re":"x^"}', sign('{"re":"x^"}')];
    const field = `'Dealix-Signature: ${header}'`;
    for (const text of [
      `curl https://x.example -H ${field} -d '${body}'`,
      `$ curl https://x.example -H ${field} -d '${body}'`,
      `me@host:~/x$ time curl https://x.example -H ${field} -d '${body}'`,
      `PS C:\\Users\\me> curl.exe https://x.example -H ${field} -d '${body}'`,
      `# send it\nTOKEN=1 sudo curl https://x.example -H ${field} -d '${body}'`,
      `echo -n '${body}' | curl https://x.example -H ${field} -d @-`,
      `curl -sSH ${field} -sd '${body}' https://x.example`,
      `curl -sXPOST -iH${field} -d'${body}' https://x.example`,
      `curl https://x.example -H ${field} -d '${body}' -A '-d x'`,
    ]) {
      await again(tab);
      await paste(tab, "#header", text);
      assert.equal(await tab.word(), "Verified", text);
    }
  });

  page("a whole log of curl -v is read", async (tab) => {
    const [body, header] = ["{}", sign("{}")];
    for (const log of [
      `*   Trying 127.0.0.1:80...\n> POST /x HTTP/1.1\n> dealix-signature: ${header}\n> \n< HTTP/1.1 200 OK\n< \n\n{}`,
      `  % Total    % Received\n* Connected\n> POST /x HTTP/2\n> dealix-signature: ${header}\n> \n} [2 bytes data]`,
      `:authority: x.example\n:method: POST\ndealix-signature: ${header}`,
    ]) {
      await again(tab);
      await paste(tab, "#header", log);
      await tab.fill("#body", body);
      assert.equal(await tab.word(), "Verified", log);
    }
  });

  page("program code is read as it is written", async (tab) => {
    const body = JSON.stringify({ name: "شركة" });
    const header = sign(body);
    const bytes = [...Buffer.from(body)].map((byte) =>
      byte < 128 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
    );
    for (const text of [
      `requests.post(url, headers={"Dealix-Signature": "${header}"}, data=b'${bytes.join("")}')`,
      `headers: {\n  'Dealix-Signature': '${header}',\n},\nbody: '${body}'`,
    ]) {
      await again(tab);
      await paste(tab, "#header", text);
      assert.equal(await tab.word(), "Verified", text);
    }
    await again(tab);
    await paste(
      tab,
      "#header",
      `requests.post(url, headers={"Dealix-Signature": "${sign('{"a":"\\n"}')}"}, data=r'{"a":"\\n"}')`,
    );
    assert.equal(await tab.word(), "Verified", "a raw string");
  });

  page("a body that was logged as an object is asked for", async (tab) => {
    await paste(tab, "#header", JSON.stringify({ headers: { "dealix-signature": sign("{}") }, body: { a: 1 } }));
    assert.deepEqual([await tab.tone(), await tab.word()], ["wait", "The body is missing"]);
    assert.match(await tab.text("#verdict"), /as an object/);
    await tab.fill("#body", "{}");
    assert.equal(await tab.word(), "Verified");
  });

  page("JSON of the wrong shape is no crash", async (tab) => {
    await tab.fill("#header", sign("{}"));
    await tab.fill("#body", "{}");
    const entries = (headers) => JSON.stringify({ log: { entries: [{ request: { headers } }] } });
    for (const text of [
      entries([null]),
      entries([{ name: { toString: 1 }, value: 1 }]),
      JSON.stringify({ log: { entries: [null, 1] }, request: 1 }),
      JSON.stringify({ headers: [{ name: { toString: 1 } }] }),
    ]) {
      await tab.fill("#header", text);
      assert.notEqual(await tab.word(), "Verified", text);
      await tab.fill("#header", sign("{}"));
      assert.equal(await tab.word(), "Verified", text);
    }
  });

  page("CRLF stays in a body that is pasted or dropped", async (tab) => {
    await tab.fill("#header", sign('{"a":1,\r\n"b":2}'));
    await tab.evaluate(DROP_TEXT, '{"a":1,\r\n"b":2}');
    assert.equal(await tab.word(), "Verified", "dropped");
    await again(tab);
    await tab.fill("#header", sign('{"a":1,\r\n"b":2}'));
    await tab.fill("#body", '{"a":1,');
    await tab.evaluate(() => document.querySelector("#body").setSelectionRange(7, 7));
    await paste(tab, "#body", '\r\n"b":2}');
    assert.equal(await tab.word(), "Verified", "pasted behind what was typed");
  });

  page("blanks and quotes in the header are found", async (tab) => {
    const body = serializeEnvelope(makeEvent({ type: "deal.won" }));
    for (const header of [`${sign(body)}  `, `"${sign(body)}"`, `'${sign(body)}'`]) {
      await tab.fill("#header", header);
      await tab.fill("#body", body);
      assert.equal(await tab.tone(), "bad", header);
      await tab.click("#explain");
      await tab.shows("#undo");
      assert.equal(await tab.text("#cause"), "header_rewritten");
      await tab.click("#undo");
      assert.equal(await tab.tone(), "good");
      await tab.click("#mode-verify");
      await tab.shows("#header");
    }
  });
}

function DROP_TEXT(text) {
  const dataTransfer = { files: [], getData: () => text };
  const event = new Event("drop", { bubbles: true, cancelable: true });
  const isTaken = !document.querySelector("#body").dispatchEvent(Object.assign(event, { dataTransfer }));
  if (!isTaken) document.execCommand("insertText", false, text);
}

/** Starts over, with the secret. */
async function again(tab) {
  await tab.click("#clear");
  await tab.fill("#secret-0", SECRET);
}
