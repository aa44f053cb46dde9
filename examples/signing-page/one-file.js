// Puts the script, the style and the editor's code into the page, with a policy in front of them that allows these three
// and nothing else.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/**
 * A plugin for Vite that writes one HTML file, and prints its weight and its hash. `editor` is the module of the editor,
 * which the page carries as text until it runs it.
 */
export function oneFile(fileName, editor) {
  let target;
  return {
    name: "one-file",
    enforce: "post",
    // Of the page's two halves neither is loaded later. Vite's own helper has an `import.meta`, which a worker's script,
    // being no module, must not have.
    load: {
      order: "pre",
      filter: { id: /preload-helper/ },
      handler: () => "export const __vitePreload = (load) => load();",
    },
    configResolved(config) {
      target = config.build.target;
    },
    async generateBundle(_options, bundle) {
      const code = escaped(await bundled(editor, target));
      const html = take(bundle, ".html");
      // Vite replaces its mark for what to preload later than this, and there is nothing.
      const script = escaped(take(bundle, ".js").trim().replaceAll("__VITE_PRELOAD__", "[]"));
      const style = take(bundle, ".css").trim();
      const left = Object.keys(bundle);
      if (left.length > 0) throw new Error(`These files would have to be loaded: ${left.join(", ")}`);
      const source = page(html, { script, style, code });
      this.emitFile({ type: "asset", fileName, source });
      report(fileName, source, source.replace(code, ""));
    },
  };
}

/** A module with all that it imports, as one classic script. */
async function bundled(input, target) {
  const rolldownOptions = { input, output: { format: "iife" } };
  const { output } = await build({
    configFile: false,
    logLevel: "warn",
    build: { write: false, target, modulePreload: false, rolldownOptions },
  });
  if (output.length !== 1) throw new Error(`One file was expected of ${input}, not ${output.length}`);
  return output[0].code.trim();
}

/** Removes the only file with this ending from the bundle, and returns its text. */
function take(bundle, ending) {
  const names = Object.keys(bundle).filter((name) => name.endsWith(ending));
  if (names.length !== 1) throw new Error(`One ${ending} file was expected, not ${names.length}: ${names.join(", ")}`);
  const file = bundle[names[0]];
  delete bundle[names[0]];
  return String(file.code ?? file.source);
}

/** Text that does not end the script element it stands in. */
function escaped(script) {
  return script.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
}

function page(html, { script, style, code }) {
  const policy = [
    "default-src 'none'",
    "worker-src blob:",
    "connect-src 'none'",
    `script-src '${hash(script)}' '${hash(code)}' 'wasm-unsafe-eval'`,
    `style-src '${hash(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}" />`;
  // Functions, since a replacement text with `$&` in it would be changed.
  return html
    .replace(/ *<script type="module"[^>]*><\/script>\n/, "")
    .replace(/ *<link rel="stylesheet"[^>]*>\n/, "")
    .replace(/<meta charset[^>]*>/, (charset) => `${charset}\n    ${meta}`)
    .replace("</head>", () => `<style>${style}</style>\n    <script type="module">${script}</script>\n  </head>`)
    .replace("</body>", () => `  <script type="text/plain" id="editor-code">${code}</script>\n  </body>`);
}

function hash(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function report(name, source, withoutEditor) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const [whole, alone] = [source, withoutEditor].map((text) => gzipSync(text).length);
  console.log(`${name}: ${kilobytes(Buffer.byteLength(source))}, ${kilobytes(whole)} gzipped`);
  console.log(`  the page ${kilobytes(alone)}, the editor ${kilobytes(whole - alone)}`);
  console.log(`SHA-256: ${createHash("sha256").update(source).digest("hex")}`);
}
