// Writes tests/vectors/published/signature-1.json, the vectors for other implementations: `node tests/npm/vectors/publish.mjs`. The
// verdicts are the naive reference's. Where the package, the crate or Dealix's own implementation disagrees, a test fails.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { verdict } from "../fuzz/reference.mjs";
import { own } from "./own.mjs";

const root = join(import.meta.dirname, "../../..");
export const FILE = join(root, "tests/vectors/published/signature-1.json");

/** The reference's cases: those with a usable secret and a window, and numbers that every JSON reader reads. */
function ofTheReference() {
  const { vectors } = JSON.parse(readFileSync(join(root, "tests/vectors/verify.json"), "utf8"));
  const isPlain = ({ secret, now, max_age_seconds: maxAge }) =>
    secret !== "" && Number.isSafeInteger(now) && Number.isSafeInteger(maxAge) && maxAge >= 0;
  return vectors.filter(isPlain).map((vector) => ({
    ...vector,
    group: vector.category,
    secrets: [vector.secret],
    body: Buffer.from(vector.body_base64, "base64"),
    maxAge: vector.max_age_seconds,
  }));
}

/** The body as text too, if it is text: for people, and for languages without base64. */
function textOf(body) {
  const text = body.toString();
  return Buffer.from(text).equals(body) ? text : undefined;
}

function published({ id, group, why, secrets, header, body, now, maxAge }) {
  const { code, secretIndex } = verdict({ header, now, maxAge, secrets, body });
  return {
    ...{ id, group, why, secrets, header },
    ...{ body_base64: body.toString("base64"), body: textOf(body), now, max_age_seconds: maxAge },
    ...{ valid: code === null, code, secret_index: secretIndex ?? null },
  };
}

export function text() {
  const vectors = [...own, ...ofTheReference()].map(published);
  const head = { format: "dealix-signature-vectors/1", about: "docs/vectors.md", count: vectors.length };
  const lines = vectors.map((vector) => `  ${ascii(JSON.stringify(vector))}`);
  return `${JSON.stringify(head, null, 1).slice(0, -2)},\n "vectors": [\n${lines.join(",\n")}\n ]\n}\n`;
}

/** The file is ASCII, so that no editor, proxy or JSON reader has a chance to get it wrong. */
function ascii(json) {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

if (process.argv[1] === import.meta.filename) writeFileSync(FILE, text());
