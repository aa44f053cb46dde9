// Every block of JavaScript and TypeScript in the pages that users read, compiled unchanged under `strict`, with the
// frameworks' own types, against the packed package.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { withFolder } from "./runtimes/folder.mjs";
import { commandOf, manifest, run } from "./runtimes/process.mjs";
import { buildProject } from "./runtimes/project.mjs";
import { examples } from "./runtimes/receiver.mjs";
import { snippets } from "./snippets/blocks.mjs";
import { compile, compileProject } from "./snippets/compile.mjs";
import { CONTEXT, DECLARATIONS, ELSEWHERE, WITH_THEIR_OWN_SETTINGS } from "./snippets/exceptions.mjs";

const timeout = 120_000;
const project = await buildProject("snippets");
const blocks = snippets();
const read = (example) => readFileSync(join(examples, example), "utf8");
const others = [...WITH_THEIR_OWN_SETTINGS, ...Object.keys(ELSEWHERE)].map(read);
const isDeclaration = ({ first }) => Object.values(DECLARATIONS).includes(first);
const [payloads, expressRequest] = ["payloads", "expressRequest"].map((name) => ({
  ...blocks.find(({ first }) => first === DECLARATIONS[name]),
  isDeclaration: true,
}));
const files = blocks.filter((block) => !others.includes(block.code) && !isDeclaration(block));
const scripts = files.filter(({ language }) => language === "js");

test("snippets: every exception is a block of a page", () => {
  const firstLines = [...Object.keys(CONTEXT), ...Object.values(DECLARATIONS)];
  for (const line of firstLines) assert.equal(blocks.filter(({ first }) => first === line).length, 1, line);
  for (const code of others) assert.equal(blocks.filter((block) => block.code === code).length, 1, code);
  for (const { first, code } of blocks) {
    for (const name of CONTEXT[first] ?? []) assert.match(code, new RegExp(`\\b${name}\\b`));
  }
});

test("snippets: TypeScript, as `tsc --init` sets it up", { timeout }, () =>
  compile(join(project, "typescript"), [...files, expressRequest], ".ts"),
);

test("snippets: TypeScript for a bundler, as Next's and Vite's scaffolds set it up", { timeout }, () =>
  compile(join(project, "bundler"), [...files, expressRequest], ".ts", {
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["dom", "dom.iterable", "esnext"],
  }),
);

test("snippets: TypeScript, with payloads declared", { timeout }, () =>
  compile(join(project, "payloads"), [...files, expressRequest, payloads], ".ts"),
);

test("snippets: TypeScript, with the types of Express 4", { timeout }, () =>
  compile(join(project, "express-4"), [...files, expressRequest], ".ts", {
    paths: { express: [join(project, "node_modules/@types/express-4")] },
  }),
);

test("snippets: JavaScript, checked", { timeout }, () =>
  compile(join(project, "javascript"), [...scripts, expressRequest], ".js", { allowJs: true, checkJs: true }),
);

// Express and Koa have no types of their own. Without them TypeScript cannot know the user's own parameters either.
test("snippets: JavaScript, checked, without any `@types` but Node's", { timeout }, () =>
  withFolder(async (folder) => {
    for (const name of ["@types/node", "@dealix/webhooks", ...packagesOf(scripts)]) {
      mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
      symlinkSync(manifest(name).folder, join(folder, "node_modules", name));
    }
    await compile(join(folder, "src"), scripts, ".js", { allowJs: true, checkJs: true, noImplicitAny: false });
  }),
);

test("snippets: Nest, with its scaffold's settings", { timeout }, async () => {
  const folder = copy("nestjs");
  await compileProject(folder);
});

for (const name of ["worker", "worker-guard"]) {
  test(`snippets: ${name}, with what \`wrangler types\` writes`, { timeout }, async () => {
    const folder = copy(name);
    const env = { ...process.env, HOME: folder, CI: "1", WRANGLER_SEND_METRICS: "false" };
    await run("node", [commandOf("wrangler"), "types"], { cwd: folder, env, timeout });
    await compileProject(folder);
    // In JavaScript, as the README says.
    const code = read(`${name}/src/index.ts`);
    const javascript = code.replace(" satisfies ExportedHandler<Env>", "");
    assert.notEqual(javascript, code);
    writeFileSync(join(folder, "src/index.js"), javascript);
    rmSync(join(folder, "src/index.ts"));
    const compilerOptions = { allowJs: true, checkJs: true };
    writeFileSync(join(folder, "tsconfig.js.json"), JSON.stringify({ extends: "./tsconfig.json", compilerOptions }));
    await compileProject(folder, "tsconfig.js.json");
  });
}

test("snippets: Bun, with its scaffold's settings", { timeout }, async () => {
  const compilerOptions = {
    types: ["bun"],
    ...{ lib: ["ESNext"], target: "ESNext", module: "Preserve", moduleResolution: "bundler" },
    ...{ allowJs: true, checkJs: true, strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true, noEmit: true },
  };
  const folder = copy("bun");
  cpSync(join(folder, "receiver.mjs"), join(folder, "typescript.ts"));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.mjs", "*.ts"] }));
  await compileProject(folder);
});

test("snippets: an error in one is found, in TypeScript and in JavaScript", { timeout }, async () => {
  const express = scripts.find(({ code }) => code === read("express/receiver.mjs"));
  const wrong = [{ ...express, code: express.code.replace("event.id", "event.ident") }];
  for (const [extension, options] of [
    [".ts", {}],
    [".js", { allowJs: true, checkJs: true }],
  ]) {
    const compiled = compile(join(project, "wrong"), wrong, extension, options);
    await assert.rejects(compiled, new RegExp(`${express.name}${extension}\\(\\d+,\\d+\\): .*'ident'`));
  }
});

/** A copy of an example, beside the project's packages. */
function copy(example) {
  const folder = join(project, example);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(examples, example), folder, { recursive: true });
  return folder;
}

/** The packages that they import. */
function packagesOf(snippets) {
  const names = snippets.flatMap(({ code }) => Array.from(code.matchAll(/from "([^".]+)"/g), ([, name]) => name));
  const packages = names.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)[0]);
  return new Set(packages.filter((name) => !name.startsWith("node:") && name !== "@dealix/webhooks"));
}
