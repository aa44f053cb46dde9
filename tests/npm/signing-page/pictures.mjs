// The README's pictures of the signing page: an explanation, light and dark. `cargo xtask signing-page --pictures` runs this
// as `node pictures.mjs <page> <folder>`.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launchChromium } from "../runtimes/chromium.mjs";

export const SCHEMES = ["light", "dark"];
export const WIDTH = 1280;
export const HEIGHT = 800;

/** The picture's file in the folder. */
export function pictureIn(folder, scheme) {
  return join(folder, `signing-page-${scheme}.png`);
}

/** Takes both pictures of the page at this address. */
export async function takePictures(address, folder) {
  const browser = await launchChromium();
  try {
    for (const colorScheme of SCHEMES) {
      const viewport = { width: WIDTH, height: HEIGHT };
      const page = await browser.newPage({ viewport, colorScheme, locale: "en", reducedMotion: "reduce" });
      await page.goto(address);
      const body = page.locator("#body");
      await body.fill(JSON.stringify(JSON.parse(await body.inputValue())));
      await page.click("#explain");
      await page.waitForSelector("#undo");
      await page.screenshot({ path: pictureIn(folder, colorScheme) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

if (import.meta.filename === process.argv[1]) {
  const [page, folder] = process.argv.slice(2);
  await takePictures(pathToFileURL(resolve(page)).href, resolve(folder));
}
