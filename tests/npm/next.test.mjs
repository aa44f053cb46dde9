// examples/next, built by both of its bundlers and started: app router on the Node and the edge runtime, pages router.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertCleanCard } from "./check/card.mjs";
import { record } from "./runtimes/matrix.mjs";
import { commandOf, manifest } from "./runtimes/process.mjs";
import { SECRET, checkAnswers, examples, start } from "./runtimes/receiver.mjs";

const next = commandOf("next");

/** Routes whose handler is made when the build loads them, without the secret: it is read at the first request. */
const HANDLER =
  "fetchHandler({ onEvent: { other: (event, { secretIndex }) => console.log(event.type, event.id, secretIndex) } })";
const late = [
  ["late", "nodejs"],
  ["late-edge", "edge"],
];
for (const [name, runtime] of late) {
  const folder = join(examples, "next/app/webhooks", name);
  mkdirSync(folder, { recursive: true });
  const code = [
    `import { fetchHandler } from "@dealix/webhooks";`,
    `export const runtime = "${runtime}";`,
    `export const POST = ${HANDLER};`,
  ];
  writeFileSync(join(folder, "route.js"), `${code.join("\n")}\n`);
}

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
      const routes = ["/webhooks/dealix", "/webhooks/dealix-edge", "/api/webhooks/dealix"];
      const everyRoute = [...routes, ...late.map(([name]) => `/webhooks/${name}`)];
      for (const route of everyRoute) await checkAnswers(url + route);
      for (const route of routes) await assertCleanCard(url + route, SECRET);
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
