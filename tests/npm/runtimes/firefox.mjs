// Debian's Firefox, headless and without a driver: a page asks the test's server for what to do, and sends what it found.
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { script, startGroup } from "./process.mjs";

export const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** Root must not start it in another user's home. */
export function environmentOf(profile) {
  return { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" };
}

/** Opens a page with an empty profile folder. `ended` resolves when Firefox has, and `end` ends it. */
export function openInFirefox(profile, address) {
  copyFileSync(script("firefox-user.js"), join(profile, "user.js"));
  // A group, since a page is a process.
  const words = ["--headless", "--no-remote", "--profile", profile, address];
  const { child, end } = startGroup(FIREFOX, words, { env: environmentOf(profile), stdio: "ignore" });
  const ended = once(child, "exit");
  const stop = async () => (end(), await ended);
  return { ended, end: stop };
}
