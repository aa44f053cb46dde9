// The suite in a page of headless Firefox, without a driver: the page fetches the vectors and sends the results.
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { withFolder } from "./runtimes/folder.mjs";
import { record } from "./runtimes/matrix.mjs";
import { run, script, startGroup } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";
import { serve } from "./runtimes/static-server.mjs";
import { vectors } from "./runtimes/vectors.mjs";

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const PAGE = "/tests/npm/runtimes/browser.html?unattended";
const LIMIT_MS = 90_000;

await withFolder(async (profile) => {
  copyFileSync(script("firefox-user.js"), join(profile, "user.js"));
  // Root must not start it in another user's home.
  const env = { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" };
  const [, major] = /Firefox (\d+)/.exec(await run(FIREFOX, ["--version"], { env }));
  const checks = report("firefox", await inPage(profile, env));
  record("Firefox ESR", major, `suite of ${checks} checks, plain module scripts`);
});

async function inPage(profile, env) {
  let receive;
  const results = new Promise((resolve) => (receive = resolve));
  const { url, close } = await serve(
    join(import.meta.dirname, "../.."),
    {},
    {
      "/vectors": (_request, response) => response.end(JSON.stringify(vectors)),
      "/results": (request, response) => receive(json(request).finally(() => response.end())),
    },
  );
  // A group, since a page is a process.
  const words = ["--headless", "--no-remote", "--profile", profile, url + PAGE];
  const { child, end } = startGroup(FIREFOX, words, { env, stdio: "ignore" });
  const ended = once(child, "exit");
  try {
    return await Promise.race([
      results,
      ended.then(fail("Firefox ended")),
      setTimeout(LIMIT_MS, null, { ref: false }).then(fail("Nothing came")),
    ]);
  } finally {
    end();
    await ended;
    close();
  }
}

function fail(what) {
  return (facts) => Promise.reject(new Error(`${what} before the page sent its results: ${facts}`));
}
