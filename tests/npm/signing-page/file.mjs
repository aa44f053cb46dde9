// The signing page as a file: its weight, its policy, and that both are what the browsers see.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { serve } from "../runtimes/static-server.mjs";
import { address, axeSource, file } from "./built.mjs";
import { assertSilent } from "./leaks.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };
const MAX_GZIPPED_BYTES = 250_000;
const EDITOR = /<script type="text\/plain" id="editor-code">([^]*?)<\/script>/;
const html = readFileSync(file, "utf8");

test("signing page: one file within its budget", () => {
  const bytes = gzipSync(html).length;
  const alone = gzipSync(html.replace(EDITOR, "")).length;
  console.log(`the signing page: ${bytes} bytes gzipped, of which ${bytes - alone} are the editor`);
  assert.ok(alone < bytes, "the editor is in the file");
  assert.ok(bytes <= MAX_GZIPPED_BYTES, `${bytes} bytes gzipped`);
  for (const [element] of html.matchAll(/<(script|link|img|iframe)\b[^>]*>/g)) {
    assert.doesNotMatch(element, /(src|href)="(?!data:)/, element);
  }
});

test("signing page: holds no way out that a policy does not stop", () => {
  for (const name of ["RTCPeerConnection", "RTCDataChannel", "window.open", "WebTransport", "requestSubmit"]) {
    assert.ok(!html.includes(name), name);
  }
  const uses = new Set(html.match(/\blocation\.\w+/g));
  assert.deepEqual([...uses].sort(), ["location.hash", "location.href", "location.pathname", "location.search"]);
  assert.doesNotMatch(html, /\blocation(\.(href|hash|pathname|search))?\s*=[^=]/, "an address that is set");
});

test("signing page: its policy allows its own scripts and style alone", () => {
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html);
  const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const [, script] = /<script type="module">([^]*?)<\/script>/.exec(html);
  const [, style] = /<style>([^]*?)<\/style>/.exec(html);
  const [, editor] = EDITOR.exec(html);
  assert.deepEqual(policy.split("; "), [
    "default-src 'none'",
    "worker-src blob:",
    "connect-src 'none'",
    `script-src ${hash(script)} ${hash(editor)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  assert.ok(html.indexOf("Content-Security-Policy") < html.indexOf("<script"), "the policy comes first");
});

for (const [name, browser] of Object.entries(browsers)) {
  test(`signing page, ${name}: what a test counts is counted`, LIMIT, async () => {
    const tab = await browser.open(address);
    await tab.shows("#verdict");
    await tab.evaluate(() => fetch("https://example.com/?secret").catch(() => {}));
    await tab.evaluate(() => void document.body.append(Object.assign(new Image(), { src: "https://example.com/x" })));
    await tab.until(() => window.violations.length >= 2);
    const violations = await tab.evaluate(() => window.violations);
    assert.deepEqual(violations.map((text) => text.split(" ")[0]).sort(), ["connect-src", "img-src"]);
    await tab.close();
  });

  test(`signing page, ${name}: a request would be counted`, LIMIT, async () => {
    const chatty = (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" }).end('<img src="/x">');
    };
    const { url, close } = await serve(dirname(file), {}, { "/chatty": chatty });
    try {
      const tab = await browser.open(`${url}/chatty`);
      await assert.rejects(assertSilent(tab), /requests/);
      await tab.close();
    } finally {
      close();
    }
  });

  test(`signing page, ${name}: works from a static host too`, LIMIT, async () => {
    const { url, close } = await serve(dirname(file));
    try {
      const tab = await browser.open(`${url}/signing-page.html`);
      await tab.shows("#verdict");
      assert.equal(await tab.tone(), "good");
      await assertSilent(tab);
      await tab.close();
    } finally {
      close();
    }
  });

  test(`signing page, ${name}: without WebAssembly it says what to do`, LIMIT, async () => {
    const policy = { "Content-Security-Policy": "script-src 'unsafe-inline'" };
    const { url, close } = await serve(dirname(file), policy);
    try {
      const tab = await browser.open(`${url}/signing-page.html`);
      await tab.shows("#verdict");
      assert.equal(await tab.word(), "This browser cannot check");
      assert.match(await tab.text("#verdict"), /npx @dealix\/webhooks explain/);
      await tab.close();
    } finally {
      close();
    }
  });
}

test("signing page: axe finds nothing, in each mode, theme and language", LIMIT, async () => {
  for (const language of ["en", "ar"]) {
    for (const scheme of ["light", "dark"]) {
      const tab = await browsers.chromium.open(address, { language, scheme });
      // The page's own policy forbids other scripts, and this call is not subject to it.
      await tab.evaluate(`() => { ${readFileSync(axeSource, "utf8")} }`);
      for (const mode of ["verify", "explain", "sign"]) {
        await tab.click(`#mode-${mode}`);
        if (mode === "sign") await tab.shows("#data-editor");
        await assertAccessible(tab, `${mode}, ${scheme}, ${language}`);
      }
      await tab.fill("#data", '{"a": 12345678901234567890, "a": tru}');
      await assertAccessible(tab, `marks in the editor, ${scheme}, ${language}`);
      await tab.click('[name="editing"][value="plain"]');
      await assertAccessible(tab, `the plain field, ${scheme}, ${language}`);
      await tab.click("#mode-verify");
      await tab.fill("#body", '{"name": "x"}');
      await tab.click("#explain");
      await tab.shows("#cause");
      await assertAccessible(tab, `an explanation, ${scheme}, ${language}`);
      await tab.close();
    }
  }
});

async function assertAccessible(tab, what) {
  const faults = await tab.evaluate(async () => {
    const { violations } = await window.axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  assert.deepEqual(faults, [], what);
}
