// The suite in a page of headless Firefox, without a driver: the page fetches the vectors and sends the results.
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { environmentOf, FIREFOX, openInFirefox } from "./runtimes/firefox.mjs";
import { withFolder } from "./runtimes/folder.mjs";
import { record } from "./runtimes/matrix.mjs";
import { run } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";
import { serve } from "./runtimes/static-server.mjs";
import { vectors } from "./runtimes/vectors.mjs";

const PAGE = "/tests/npm/runtimes/browser.html?unattended";
const LIMIT_MS = 90_000;

await withFolder(async (profile) => {
  const [, major] = /Firefox (\d+)/.exec(await run(FIREFOX, ["--version"], { env: environmentOf(profile) }));
  const checks = report("firefox", await inPage(profile));
  record("Firefox ESR", major, `suite of ${checks} checks, plain module scripts`);
});

async function inPage(profile) {
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
  const { ended, end } = openInFirefox(profile, url + PAGE);
  try {
    return await Promise.race([
      results,
      ended.then(fail("Firefox ended")),
      setTimeout(LIMIT_MS, null, { ref: false }).then(fail("Nothing came")),
    ]);
  } finally {
    await end();
    close();
  }
}

function fail(what) {
  return (facts) => Promise.reject(new Error(`${what} before the page sent its results: ${facts}`));
}
