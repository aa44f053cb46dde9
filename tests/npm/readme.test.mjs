// What the READMEs show is what the tests run: each receiver is there letter by letter, and the steps a new user
// follows work.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { promisify } from "node:util";
import { freePort } from "./support/free-port.mjs";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const most = [
  "node/receiver.mjs",
  "express/receiver.mjs",
  "worker/src/index.ts",
  "worker/wrangler.jsonc",
  "worker-guard/src/index.ts",
  "worker-guard/wrangler.jsonc",
  "next/app/webhooks/dealix/route.js",
];
const others = [
  "fastify/receiver.mjs",
  "koa/receiver.mjs",
  "hapi/receiver.mjs",
  "nestjs/receiver.ts",
  "lambda/index.mjs",
  "google-cloud/index.mjs",
  "azure/src/functions/dealix.mjs",
  "sveltekit/src/routes/webhooks/dealix/+server.ts",
  "astro/src/pages/webhooks/dealix.ts",
  "elysia/receiver.ts",
  "hono/receiver.mjs",
  "deno/receiver.mjs",
  "bun/receiver.mjs",
  "sam/template.yaml",
  "react-router/app/routes/dealix.ts",
  "tanstack-start/src/routes/webhooks/dealix.ts",
  "vercel/api/webhooks/dealix.ts",
  "netlify/netlify/functions/dealix.ts",
  "supabase/supabase/functions/dealix/index.ts",
  "firebase/src/index.ts",
  "nuxt/server/routes/webhooks/dealix.ts",
  "nuxt/nuxt.config.ts",
  "nitro/server/routes/webhooks/dealix.ts",
  "next/pages/api/webhooks/dealix.js",
];
const readmes = {
  "README.md": ["express/receiver.mjs"],
  "node_modules/@dealix/webhooks/README.md": [...most, ...others],
};
const languages = { ".mjs": "js", ".js": "js", ".ts": "ts", ".jsonc": "jsonc", ".yaml": "yaml" };

for (const [readme, examples] of Object.entries(readmes)) {
  test(`${readme} shows every example as it is`, () => {
    const text = readFileSync(join(root, readme), "utf8");
    for (const example of examples) {
      const code = readFileSync(join(root, "examples", example), "utf8");
      assert.ok(text.includes(`\`\`\`${languages[extname(example)]}\n${code}\`\`\`\n`), `${example} differs`);
    }
  });
}

for (const receiver of ["node", "express", "fastify", "koa", "hapi"]) {
  test(`the command of the README reaches the ${receiver} receiver`, { timeout: 30_000 }, async () => {
    const env = { ...process.env, DEALIX_WEBHOOK_SECRET: "whsec_test", PORT: String(await freePort()) };
    const server = spawn("node", ["receiver.mjs"], { cwd: join(root, "examples", receiver), env });
    try {
      const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
      const [url] = /http:\S+/.exec((await lines.next()).value);
      for (const readme of Object.keys(readmes)) {
        const commands = readFileSync(join(root, readme), "utf8").match(
          /export DEALIX_WEBHOOK_SECRET=whsec_test\nnpx .*/,
        )[0];
        const { stdout } = await run("sh", ["-c", commands.replace(/http:\S+/, url)], { cwd: root });
        assert.match(stdout, /answered 20\d/);
        assert.match((await lines.next()).value, /deal\.won/);
      }
    } finally {
      server.kill();
    }
  });
}
