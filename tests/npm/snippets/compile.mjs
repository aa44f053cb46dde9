// Compiles snippets as a user's project would: a folder with a tsconfig.json and one file for each snippet.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf, run } from "../runtimes/process.mjs";
import { CONTEXT } from "./exceptions.mjs";

const tsc = commandOf("typescript");

/** What its user sets after `tsc --init`: the types of Node, as the file that it writes says. */
const NODE = { types: ["node"], lib: ["esnext"], noEmit: true };

/** Writes the snippets into a folder as files with this extension, and compiles them with what `tsc --init` sets. */
export async function compile(folder, snippets, extension, options = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  cpSync(join(import.meta.dirname, "context.d.ts"), join(folder, "context.d.ts"));
  const files = snippets.map((snippet) => snippet.name + (snippet.isDeclaration ? ".d.ts" : extension));
  for (const [index, file] of files.entries()) writeFileSync(join(folder, file), inContext(snippets[index]));
  await run("node", [tsc, "--init"], { cwd: folder });
  const settings = { extends: "./tsconfig.json", compilerOptions: { ...NODE, ...options }, files };
  writeFileSync(join(folder, "tsconfig.snippets.json"), JSON.stringify(settings));
  await compileProject(folder, "tsconfig.snippets.json");
}

/** Fails with the compiler's errors, if there are any. */
export async function compileProject(folder, settings = "tsconfig.json") {
  await run("node", [tsc, "--pretty", "false", "--project", settings], { cwd: folder });
}

/** The names that it lacks come last, so that its lines keep their numbers. */
function inContext({ first, code }) {
  const names = CONTEXT[first];
  return names ? `${code}import { ${names.join(", ")} } from "./context.js";\n` : code;
}
