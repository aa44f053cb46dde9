// The code blocks of the pages that users read.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");
const PACKAGE = "node_modules/@dealix/webhooks/README.md";
const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const pages = ["README.md", PACKAGE, ...docs.map((name) => `docs/${name}`)];

const LANGUAGES = { js: "js", javascript: "js", mjs: "js", ts: "ts", typescript: "ts" };
const OTHERS = ["sh", "bash", "console", "text", "sql", "python", "rust", "json", "jsonc", "toml", "yaml", "mermaid"];

/**
 * Every block of JavaScript or TypeScript, as `{ heading, line, language, code, first, name }`. `first` is its first line;
 * `name` says where it is, and can be a file's. A block in a language that is not known is an error.
 */
export function snippets() {
  return pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), "utf8")));
}

function blocksOf(page, text) {
  const blocks = [];
  let [heading, block] = ["", null];
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^\s*(?:```|~~~)\s*(.*)/.exec(line);
    if (block && fence) {
      blocks.push(block);
      block = null;
    } else if (block) block.lines.push(line);
    else if (fence) block = { heading, line: index + 1, tag: fence[1], lines: [] };
    else heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
  }
  if (block) throw new Error(`${page}:${block.line}: the block has no end`);
  return blocks.filter((block) => isCode(page, block)).map((block) => described(page, block));
}

function isCode(page, { tag, line }) {
  if (tag in LANGUAGES) return true;
  if (OTHERS.includes(tag)) return false;
  throw new Error(`${page}:${line}: "${tag}" is no language that snippets.test.mjs knows`);
}

function described(page, { heading, line, tag, lines }) {
  const [file] = page === PACKAGE ? ["package"] : /[^/]+(?=\.md$)/.exec(page);
  const name = [file, heading, line].join("-").replaceAll(/\W+/g, "-").toLowerCase();
  return { heading, line, language: LANGUAGES[tag], code: `${lines.join("\n")}\n`, first: lines[0], name };
}
