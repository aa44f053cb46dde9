import { after } from "node:test";
import { launch } from "./browsers.mjs";

/** The browsers that the tests share; they end with the tests. */
export const browsers = { chromium: await launch("chromium"), firefox: await launch("firefox") };
after(() => Promise.all(Object.values(browsers).map((browser) => browser.end())));
