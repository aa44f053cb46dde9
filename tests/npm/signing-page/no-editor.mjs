// Sign where the editor cannot run: the plain field stays, and does all that is needed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { serve } from "../runtimes/static-server.mjs";
import { address, file } from "./built.mjs";
import { assertPlain } from "./editing.mjs";
import { assertSilent } from "./leaks.mjs";
import { browsers } from "./running.mjs";

const LIMIT = { timeout: 60_000 };

for (const [name, browser] of Object.entries(browsers)) {
  test(`signing page, ${name}, no editor: it fails to start`, LIMIT, async () => {
    const tab = await browser.open(address);
    await tab.shows("#verdict");
    await tab.evaluate(() => {
      globalThis.startEditor = () => {
        throw new Error("broken");
      };
    });
    await tab.click("#mode-sign");
    await assertPlain(tab);
    await assertSilent(tab);
    await tab.close();
  });

  test(`signing page, ${name}, no editor: its code is missing, or altered`, LIMIT, async () => {
    const html = readFileSync(file, "utf8");
    const without = html.replace(/<script type="text\/plain"[^]*?<\/script>/, "");
    // Another text than the one that the policy knows.
    const altered = html.replace(/(<script type="text\/plain"[^>]*>)/, "$1;");
    const page = (text) => (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(text);
    };
    const { url, close } = await serve(dirname(file), {}, { "/without": page(without), "/altered": page(altered) });
    try {
      for (const [path, violations] of Object.entries({ without: [], altered: ["script-src-elem"] })) {
        const tab = await browser.open(`${url}/${path}`);
        await tab.click("#mode-sign");
        await assertPlain(tab);
        assert.equal(await tab.evaluate(() => typeof globalThis.startEditor), "undefined");
        const directives = await tab.evaluate(() => window.violations.map((text) => text.split(" ")[0]));
        assert.deepEqual(directives, violations, path);
        const errors = tab.errors.filter((text) => !/Content.Security.Policy/.test(text));
        assert.deepEqual(errors, [], path);
        await tab.close();
      }
    } finally {
      close();
    }
  });
}
