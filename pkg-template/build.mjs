// Builds the package's dist/ from src/: `node build.mjs <package folder>`. `cargo xtask package` calls it once the wasm
// modules and the constants are in src/generated/.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { build } from "esbuild";
import { minify } from "terser";
import { toText } from "./src/wasm/inlined/encode.mjs";

const source = join(import.meta.dirname, "src");
const packageFolder = resolve(process.argv[2]);
const dist = join(packageFolder, "dist");

/** One bundle each. A bundle imports the other entries instead of containing them. */
const bundles = [
  { entry: "errors", formats: ["esm", "cjs"], isReadable: true },
  { entry: "index", formats: ["esm", "cjs"] },
  { entry: "edge", formats: ["esm"], index: "edge" },
  { entry: "browser", formats: ["esm"], index: "browser" },
  // Import the package by its name, and so the index that the condition chooses: one bundle serves every runtime.
  { entry: "node", formats: ["esm"], index: "@dealix/webhooks" },
  { entry: "node", formats: ["cjs"] },
  { entry: "replay", formats: ["esm", "cjs"] },
  { entry: "testing", formats: ["esm"], index: "@dealix/webhooks" },
  { entry: "testing", formats: ["cjs"] },
  { entry: "testing-edge", formats: ["esm"], index: "edge" },
  { entry: "cli/main", name: "cli", formats: ["esm"] },
  { entry: "cli/diagnosis-thread", name: "cli-diagnosis-thread", formats: ["esm"] },
];
/**
 * The entry that provides each of these source files to the other bundles, by whole path. Besides the entries
 * themselves there is the file with the class `Webhook`: `index` exports all that it exports, and a second copy of the
 * class would be another class.
 */
const providers = new Map(bundles.map(({ entry }) => [join(source, `${entry}.ts`), entry]));
providers.set(join(source, "webhook/webhook.ts"), "index");
/** How each condition's bundlers import a compiled module; `imports` in package.json chooses the file. */
const WASM_SUFFIXES = { workerd: "", "edge-light": "?module" };
/** An import in a declaration file: a statement, or a type's `import("…")`. */
const IMPORT = /(from |import\()"(\.[^"]+)\.js"/g;
const extensions = { esm: ".js", cjs: ".cjs" };

/**
 * Function and class names stay, for stack traces, and lines are short, since Node shows the one that throws. Functions
 * that are used once are not inlined, since that would leave the user's own minifier worse off.
 */
const MINIFY = {
  module: true,
  ecma: 2020,
  compress: { toplevel: true, passes: 2, reduce_funcs: false },
  mangle: { module: false, toplevel: false, keep_classnames: true },
  format: { max_line_len: 120, preserve_annotations: true },
};

/** For an uncaught error in CommonJS code, Node shows the line that threw it, which is here and so must be readable. */
const READABLE = {
  ...MINIFY,
  compress: { ...MINIFY.compress, sequences: false },
  mangle: false,
  format: { beautify: true, indent_level: 2 },
};

/** A file that imports the receiver's .wasm file gets its bytes as text. */
const inlineWasm = {
  name: "inline-wasm",
  setup({ onLoad }) {
    onLoad({ filter: /receiver\.wasm$/ }, ({ path }) => ({ contents: toText(readFileSync(path)), loader: "text" }));
  },
};

/** The script that holds the bytes of the testing module as text, from dist/. */
const SHARED = "./data/testing.js";
/** Where the script puts the text. Its digest is in the name: two versions of the package may be loaded. */
let place;

/**
 * The text of the testing module is as long as everything else together, so both formats share one file with it. A
 * plain script, without the syntax of either format, is the only kind of file that they both can load in every
 * runtime and bundler.
 */
const shareWasm = {
  name: "share-wasm",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^shared:/ }, () => ({ path: SHARED, external: true }));
    onLoad({ filter: /testing\.wasm$/ }, () => ({ contents: `import "shared:"; export default ${place};` }));
  },
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
writeShared();
for (const bundle of bundles) {
  for (const format of bundle.formats) await bundleOne(bundle, format);
}
for (const module of ["receiver", "testing"]) {
  copyFileSync(join(source, "generated", `${module}.wasm`), join(dist, `${module}.wasm`));
  for (const [condition, suffix] of Object.entries(WASM_SUFFIXES)) {
    writeFileSync(join(dist, `${module}-${condition}.js`), `export { default } from "./${module}.wasm${suffix}";\n`);
  }
}
for (const entry of ["node", "replay", "testing"]) folderEntry(entry);
declarations();

async function bundleOne({ entry, name = entry, index = "index", isReadable = false }, format) {
  const extension = extensions[format];
  const { outputFiles } = await build({
    entryPoints: [join(source, `${entry}.ts`)],
    bundle: true,
    write: false,
    format,
    platform: "neutral",
    target: "es2022",
    define: { BUNDLE: JSON.stringify(["edge", "browser"].includes(index) ? index : "any") },
    plugins: [externals(name, extension, index), inlineWasm, shareWasm],
    logLevel: "warning",
  });
  const { code } = await minify(outputFiles[0].text, isReadable ? READABLE : MINIFY);
  writeFileSync(join(dist, name + extension), code);
}

/** Writes the shared script, and where it puts the text. In a folder of its own, since its package is CommonJS. */
function writeShared() {
  const text = toText(readFileSync(join(source, "generated/testing.wasm")));
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  place = `globalThis[Symbol.for("@dealix/webhooks/testing.wasm/${digest}")]`;
  mkdirSync(join(dist, "data"));
  writeFileSync(join(dist, SHARED), `${place}="${text}";\n`);
  writeFileSync(join(dist, "data/package.json"), '{"type":"commonjs"}\n');
}

/** For resolvers that do not read `exports`, such as Jest 27's: a folder of the entry's name that leads to its files. */
function folderEntry(entry) {
  const manifest = { main: `../dist/${entry}.cjs`, module: `../dist/${entry}.js`, types: `../dist/${entry}.d.cts` };
  mkdirSync(join(packageFolder, entry), { recursive: true });
  writeFileSync(join(packageFolder, entry, "package.json"), `${JSON.stringify(manifest)}\n`);
}

/** Keeps Node's modules and what another bundle provides out of the bundle with this name. */
function externals(name, extension, index) {
  return {
    name: "externals",
    setup({ onResolve }) {
      onResolve({ filter: /^#/ }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /^\..*\.js$/ }, ({ path, resolveDir }) => {
        const provider = providers.get(resolve(resolveDir, path).replace(/\.js$/, ".ts"));
        const bundle = provider === "index" ? index : provider;
        if (bundle === undefined || bundle === name) return undefined;
        if (bundle.startsWith("@")) return { path: bundle, external: true };
        return { path: `./${bundle}${extension}`, external: true };
      });
    },
  };
}

/**
 * Keeps only the declarations that the entries reach. They are CommonJS's, and each entry's ES module re-exports them:
 * a second copy would be half as large as the code.
 */
function declarations() {
  const emitted = join(dist, "declarations");
  // By its path, since the tests' older compiler is also called tsc.
  const tsc = join(import.meta.dirname, "../node_modules/typescript/bin/tsc");
  execFileSync("node", [tsc, "--project", import.meta.dirname, "--outDir", emitted], { stdio: "inherit" });
  execFileSync("node", [tsc, "--project", join(import.meta.dirname, "tsconfig.cli.json")], { stdio: "inherit" });
  const typed = ["index", "node", "replay", "testing"];
  for (const entry of typed) writeFileSync(join(dist, `${entry}.d.ts`), `export * from "./${entry}.cjs";\n`);
  const reached = new Set();
  const queue = typed;
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const text = readFileSync(join(emitted, `${name}.d.ts`), "utf8");
    for (const [, , path] of text.matchAll(IMPORT)) queue.push(posix.join(posix.dirname(name), path));
    const target = join(dist, `${name}.d.cts`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text.replaceAll(IMPORT, '$1"$2.cjs"'));
  }
  rmSync(emitted, { recursive: true });
}
