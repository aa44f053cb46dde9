// What the READMEs show is what the tests run: each receiver stands there letter by letter, and the flow that a new
// user follows works.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");
const most = ["node/receiver.mjs", "express/receiver.mjs", "worker/worker.mjs", "next/app/webhooks/dealix/route.js", "send.mjs"];
const others = ["fastify/receiver.mjs", "koa/receiver.mjs", "nestjs/receiver.ts", "lambda/index.mjs"];
const readmes = { "README.md": most, "node_modules/@dealix/webhooks/README.md": [...most, ...others] };

for (const [readme, examples] of Object.entries(readmes)) {
  test(`${readme} shows every example as it is`, () => {
    const text = readFileSync(join(root, readme), "utf8");
    for (const example of examples) {
      const code = readFileSync(join(root, "examples", example), "utf8");
      const isShown = ["js", "ts"].some((language) => text.includes(`\`\`\`${language}\n${code}\`\`\`\n`));
      assert.ok(isShown, `${example} differs`);
    }
  });
}

for (const receiver of ["node", "express", "fastify", "koa"]) {
  test(`send.mjs reaches the ${receiver} receiver`, { timeout: 30_000 }, async () => {
    const env = { ...process.env, DEALIX_WEBHOOK_SECRET: "whsec_test", PORT: "0" };
    const server = spawn("node", ["receiver.mjs"], { cwd: join(root, "examples", receiver), env });
    try {
      const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
      const [url] = /http:\S+/.exec((await lines.next()).value);
      const { stdout } = await promisify(execFile)("node", [join(root, "examples/send.mjs"), url], { env });
      assert.match(stdout, /^sent deal\.won evt_\w+: 20\d/);
      assert.match((await lines.next()).value, /deal\.won/);
    } finally {
      server.kill();
    }
  });
}
