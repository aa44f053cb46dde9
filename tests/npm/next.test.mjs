// examples/next, built by both of its bundlers and started: app router on the Node and the edge runtime, pages router.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assertCleanCard } from "./check/card.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { record } from "./runtimes/matrix.mjs";
import { commandOf, manifest } from "./runtimes/process.mjs";
import { SECRET, checkAnswers, examples, genuine, start } from "./runtimes/receiver.mjs";

const next = commandOf("next");
const BUILDS = "`next build` (Turbopack, webpack), `next start`";

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

/** The same files as TypeScript, which `next build` then checks. */
const twins = {
  "app/webhooks/dealix/route.js": "app/webhooks/dealix-ts/route.ts",
  "pages/api/webhooks/dealix.js": "pages/api/webhooks/dealix-ts.ts",
};
for (const [file, twin] of Object.entries(twins)) {
  mkdirSync(join(examples, "next", dirname(twin)), { recursive: true });
  cpSync(join(examples, "next", file), join(examples, "next", twin));
}
writeFileSync(join(examples, "next/tsconfig.json"), '{ "compilerOptions": { "strict": true } }');

/** A route of the app router that makes its typical mistake, and what its row says of it. */
const readFirst = (folder, runtime) => ({
  example: "next/app/webhooks/dealix/route.js",
  mistake: "`await request.json()` first",
  says: "Verify before anything else reads it, and use the event that this returns",
  path: `/webhooks/${folder}`,
  file: `app/webhooks/${folder}/route.js`,
  code: [
    `import { fetchHandler } from "@dealix/webhooks";`,
    `const receive = fetchHandler({ onEvent() {} });`,
    `export const runtime = "${runtime}";`,
    `export const POST = async (request) => (await request.json(), receive(request));`,
  ],
});

const mistakes = {
  "Next.js, app router": readFirst("parsed", "nodejs"),
  "Next.js, edge runtime": readFirst("parsed-edge", "edge"),
  "Next.js, pages router": {
    example: "next/pages/api/webhooks/dealix.js",
    mistake: "no `bodyParser: false`",
    says: "add `export const config = { api: { bodyParser: false } };` to this file of pages/api",
    path: "/api/webhooks/parsed",
    file: "pages/api/webhooks/parsed.js",
    code: [`import { nodeHandler } from "@dealix/webhooks/node";`, `export default nodeHandler({ onEvent() {} });`],
  },
};
for (const { file, code } of Object.values(mistakes)) {
  mkdirSync(join(examples, "next", dirname(file)), { recursive: true });
  writeFileSync(join(examples, "next", file), `${code.join("\n")}\n`);
}

/** Makes the mistakes, and records that the server prints of each what to do. */
async function makeMistakes(url, printed) {
  for (const [name, { path, example, mistake, says }] of Object.entries(mistakes)) {
    const times = () => printed().split(says).length;
    const before = times();
    assert.equal((await fetch(genuine(url + path))).status, 500, path);
    for (const end = Date.now() + 5000; times() === before; await wait(20)) assert.ok(Date.now() < end, printed());
    recordFramework(name, {
      version: manifest("next").version,
      example,
      builds: BUILDS,
      mistake,
      says,
      seen: printed(),
    });
  }
}

for (const bundler of ["turbopack", "webpack"]) {
  test(`next: ${bundler}`, { timeout: 300_000 }, async () => {
    rmSync(join(examples, "next/.next"), { recursive: true, force: true });
    // Built without the secret, as in a container's build.
    const build = start("next", [next, "build", `--${bundler}`], { DEALIX_WEBHOOK_SECRET: "" });
    const [code] = await once(build.process, "exit");
    assert.equal(code, 0, build.errors());
    assert.match(build.errors(), /Finished TypeScript/);
    const server = start("next", [next, "start", "--port", "0", "--hostname", "127.0.0.1"], {
      DEALIX_WEBHOOK_SECRET: SECRET,
    });
    try {
      const url = await server.url(/http:\/\/127\.0\.0\.1:\d+/);
      const routes = ["/webhooks/dealix", "/webhooks/dealix-edge", "/api/webhooks/dealix"];
      const typescript = ["/webhooks/dealix-ts", "/api/webhooks/dealix-ts"];
      const everyRoute = [...routes, ...typescript, ...late.map(([name]) => `/webhooks/${name}`)];
      for (const route of everyRoute) await checkAnswers(url + route);
      for (const route of routes) await assertCleanCard(url + route, SECRET);
      await makeMistakes(url, server.errors);
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
