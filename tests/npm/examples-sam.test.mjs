// The example for AWS SAM, bundled as `sam build` bundles it: SAM itself calls esbuild with what the template says. Both of
// the formats that it can make are run behind a stand-in for the gateway.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertCleanCard } from "./check/card.mjs";
import { recordFramework } from "./runtimes/frameworks.mjs";
import { script } from "./runtimes/process.mjs";
import { buildProject } from "./runtimes/project.mjs";
import { node, withServer } from "./runtimes/project-server.mjs";
import { SECRET, checkAnswers, examples, genuine } from "./runtimes/receiver.mjs";

const timeout = 120_000;
const bundle = (file, format, ending, folder) => [
  node,
  "node_modules/esbuild/bin/esbuild",
  file,
  ...["--bundle", "--minify", "--platform=node", "--target=es2022"],
  ...[`--format=${format}`, `--out-extension:.js=${ending}`, `--outdir=${folder}`],
];
const mistake = [
  `import { lambdaHandler } from "@dealix/webhooks/node";`,
  `const receive = lambdaHandler({ secret: process.env.DEALIX_WEBHOOK_SECRET, onEvent() {} });`,
  `const text = (event: any) => Buffer.from(event.body, "base64").toString();`,
  `export const handler = async (event: any) => {`,
  `  try {`,
  `    return await receive({ ...event, body: JSON.parse(text(event)), isBase64Encoded: false });`,
  `  } catch (error) {`,
  `    console.error(error);`,
  `    return { statusCode: 500 };`,
  `  }`,
  `};`,
];
const files = { "mistakes/parsed.ts": `${mistake.join("\n")}\n` };
const build = [
  [node, "node_modules/typescript/lib/tsc.js"],
  bundle("src/dealix.ts", "esm", ".mjs", "built"),
  bundle("src/dealix.ts", "cjs", ".cjs", "built"),
  bundle("mistakes/parsed.ts", "esm", ".mjs", "built"),
];

test("sam: the template asks for what is tested", () => {
  const template = readFileSync(join(examples, "sam/template.yaml"), "utf8");
  for (const line of ["EntryPoints: [src/dealix.ts]", "Format: esm", "OutExtension: [.js=.mjs]", "Target: es2022"]) {
    assert.ok(template.includes(`        ${line}\n`), line);
  }
});

for (const file of ["dealix.mjs", "dealix.cjs"]) {
  test(`sam: ${file}, behind the gateway`, { timeout }, () =>
    served(file, {}, async (url) => {
      await checkAnswers(url);
      await assertCleanCard(url, SECRET);
    }),
  );
}

test("sam: a body that was parsed, and the log says what to do", { timeout }, () =>
  served("parsed.mjs", {}, async (url, logged) => {
    assert.equal((await fetch(genuine(url))).status, 500);
    await logged(/body_parsed/);
    recordFramework("AWS SAM", {
      version: "template 2016-10-31",
      example: "sam/src/dealix.ts",
      builds: "`esbuild` as `sam build` calls it, `node`, behind a stand-in for the gateway",
      mistake: "`JSON.parse(event.body)` first",
      says: "remove anything that parses or decodes it first",
      seen: await logged(/remove anything that parses or decodes it first/),
    });
  }),
);

test("sam: an unset secret fails when the function starts", { timeout }, () =>
  assert.rejects(
    served("dealix.mjs", { DEALIX_WEBHOOK_SECRET: "" }, () => {}),
    /empty_secret/,
  ),
);

async function served(file, env, run) {
  const folder = await buildProject("sam", { files, build });
  await withServer(join(folder, "built"), [script("gateway.mjs"), file], run, { env });
}
