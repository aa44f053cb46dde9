// What the page looks like, for people to look at: target/npm/consumer/signing-page/. The test itself sees that nothing is cut off.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { address } from "./built.mjs";
import { HEIGHT, pictureIn, SCHEMES, takePictures, WIDTH } from "./pictures.mjs";
import { browsers } from "./running.mjs";

const MAX_PICTURE_BYTES = 150_000;
const folder = join(import.meta.dirname, "../../../signing-page");
mkdirSync(folder, { recursive: true });

for (const language of ["en", "ar"]) {
  for (const width of [360, 1440]) {
    test(`signing page: fits ${width} px in each mode and theme, ${language}`, { timeout: 120_000 }, async () => {
      for (const scheme of ["light", "dark"]) {
        const tab = await browsers.chromium.open(address, { language, width, scheme });
        await tab.shows("#verdict");
        const keep = async (what) => {
          const excess = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(excess <= 0, `${what} is ${excess} px too wide`);
          await tab.screenshot(join(folder, `${what}-${language}-${width}-${scheme}.png`));
        };
        await keep("verify");
        await tab.fill("#body", JSON.stringify(JSON.parse(await tab.value("#body"))));
        await keep("failed");
        await tab.click("#explain");
        await tab.shows("#undo");
        await keep("explain");
        await tab.click("#undo");
        await keep("undone");
        await tab.click("#mode-sign");
        await tab.shows("#data-editor");
        await tab.fill("#signing-secret", "whsec_of_the_screenshots");
        await keep("sign");
        await tab.fill("#data", '{\n  "name": "شركة",\n  "amount": 12500.0,,\n}');
        await keep("fault");
        await tab.close();
      }
    });
  }
}

test("signing page: the README's pictures are of their size, and small", { timeout: 60_000 }, async () => {
  await takePictures(address, folder);
  for (const kept of [folder, join(import.meta.dirname, "../../../docs")]) {
    for (const scheme of SCHEMES) {
      const picture = readFileSync(pictureIn(kept, scheme));
      assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [WIDTH, HEIGHT], "width and height");
      assert.ok(picture.length <= MAX_PICTURE_BYTES, `${picture.length} bytes`);
    }
  }
});
