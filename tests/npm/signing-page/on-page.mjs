import { test } from "node:test";
import { address } from "./built.mjs";
import { assertSecretsStay, assertSilent } from "./leaks.mjs";

/** Defines tests that each have the page in a tab of their own, with this secret alone in it, and must leave it silent. */
export function onPage(name, browser, limit, secret) {
  return (what, run) =>
    test(`signing page, ${name}: ${what}`, limit, async () => {
      const tab = await browser.open(address);
      await tab.shows("#verdict");
      await tab.click("#clear");
      await tab.fill("#secret-0", secret);
      await run(tab);
      await assertSilent(tab);
      await assertSecretsStay(tab, [secret]);
      await tab.close();
    });
}
