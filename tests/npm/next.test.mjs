// examples/next, built by both of its bundlers and started: app router on the Node and the edge runtime, pages router.
import assert from "node:assert/strict";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertCleanCard } from "./check/card.mjs";
import { record } from "./runtimes/matrix.mjs";
import { commandOf, manifest } from "./runtimes/process.mjs";
import { SECRET, checkAnswers, examples, start } from "./runtimes/receiver.mjs";

const next = commandOf("next");

for (const bundler of ["turbopack", "webpack"]) {
  test(`next: ${bundler}`, { timeout: 300_000 }, async () => {
    rmSync(join(examples, "next/.next"), { recursive: true, force: true });
    // Built without the secret, as in a container's build.
    const build = start("next", [next, "build", `--${bundler}`], { DEALIX_WEBHOOK_SECRET: "" });
    const [code] = await once(build.process, "exit");
    assert.equal(code, 0, build.errors());
    const server = start("next", [next, "start", "--port", "0", "--hostname", "127.0.0.1"], {
      DEALIX_WEBHOOK_SECRET: SECRET,
    });
    try {
      const url = await server.url(/http:\/\/127\.0\.0\.1:\d+/);
      for (const route of ["/webhooks/dealix", "/webhooks/dealix-edge", "/api/webhooks/dealix"])
        await checkAnswers(url + route).then(() => assertCleanCard(url + route, SECRET));
    } finally {
      await server.stop();
    }
  });
}

record(
  "Next.js",
  manifest("next").version,
  "built and ran the example: Turbopack and webpack; app router (Node and edge), pages router",
);
