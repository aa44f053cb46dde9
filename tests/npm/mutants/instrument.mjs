// Puts all mutants of the package's TypeScript into one build, in which the environment variable
// `__STRYKER_ACTIVE_MUTANT__` chooses one.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInstrumenter } from "@stryker-mutator/instrumenter";
import { build } from "esbuild";
import { createInjector } from "typed-inject";
import { toText } from "../../../pkg-template/src/wasm/inlined/encode.mjs";

/** What decides on a delivery. The command, and what only chooses between sentences of advice, have tests of their own. */
const FOLDERS = ["webhook", "input", "handlers", "replay/guard.ts"];
const LEFT_OUT = ["handlers/lambda", "handlers/node/parsed-by.ts"];
const ENTRIES = ["errors", "index", "node", "replay", "testing"];

/** The files of the package's source that are mutated. */
export function filesInScope(source) {
  const all = readdirSync(source, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  const isBelow = (path) => (folder) => path === folder || path.startsWith(`${folder}/`);
  const isInScope = (path) => FOLDERS.some(isBelow(path)) && !LEFT_OUT.some(isBelow(path));
  return all.filter((path) => path.endsWith(".ts") && isInScope(path)).sort();
}

/** Mutates a copy of the source, builds it into the package's dist/, and returns the mutants. */
export async function instrument(source, copy, dist) {
  rmSync(copy, { recursive: true, force: true });
  cpSync(source, copy, { recursive: true });
  const names = filesInScope(source);
  const files = names.map((name) => ({ name, content: readFileSync(join(source, name), "utf8"), mutate: true }));
  const result = await instrumenter().instrument(files, { plugins: null, excludedMutations: [], ignorers: [] });
  for (const { name, content } of result.files) writeFileSync(join(copy, name), content);
  await bundle(copy, dist);
  const texts = new Map(files.map(({ name, content }) => [name, content]));
  return result.mutants.map((mutant) => described(mutant, texts.get(mutant.fileName))).filter(isMutated);
}

function instrumenter() {
  const silent = { isDebugEnabled: () => false, debug() {}, info() {}, warn: console.warn };
  const injector = createInjector()
    .provideValue("logger", silent)
    .provideValue("getLogger", () => silent);
  return injector.injectFunction(createInstrumenter);
}

/** With shared chunks, so that there is one copy of each file, and with the wasm modules as text. */
async function bundle(source, dist) {
  const wasm = ({ onLoad }) =>
    onLoad({ filter: /\.wasm$/ }, ({ path }) => ({ contents: toText(readFileSync(path)), loader: "text" }));
  await build({
    entryPoints: ENTRIES.map((entry) => join(source, `${entry}.ts`)),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    keepNames: true,
    external: ["node:*", "#*"],
    define: { BUNDLE: '"any"' },
    plugins: [{ name: "wasm", setup: wasm }],
    outdir: dist,
    logLevel: "error",
  });
}

/** A mutant by what a reader sees: the line where it begins, and the text that is replaced. */
function described({ id, fileName, mutatorName, replacement, location: { start, end } }, text) {
  const lines = text.split("\n");
  const at = ({ line, column }) => lines.slice(0, line).reduce((sum, { length }) => sum + length + 1, column);
  const original = text.slice(at(start), at(end));
  const [first, last] = [start.line + 1, end.line + 1];
  return {
    id,
    file: fileName,
    mutator: mutatorName,
    line: lines[start.line].trim(),
    original,
    replacement,
    first,
    last,
  };
}

/**
 * Sentences are for people, and the tests of errors compare them: a string with a blank in it is a sentence.
 */
function isMutated({ mutator, original }) {
  return mutator !== "StringLiteral" || !original.includes(" ");
}
