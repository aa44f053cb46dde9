// The vector files by name: this repository's, or those of the folder that DEALIX_VECTORS names.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const tests = join(import.meta.dirname, "../..");
const folder = process.env.DEALIX_VECTORS ?? join(tests, "vectors");
const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

export const vectors = Object.fromEntries(
  ["sign", "verify", "js_inputs", "serialize"].map((name) => [name, read(folder, `${name}.json`)]),
);

/** Secrets that anyone can guess, and such as only look so. */
vectors.secrets = read(join(tests, "fixtures"), "guessable-secrets.json");

/** Our verdict on each `decide` vector by its id. The ids in another folder of vectors are unknown. */
vectors.decisions = process.env.DEALIX_VECTORS
  ? {}
  : Object.assign({}, ...read(join(tests, "fixtures"), "decisions.json").map(({ answers }) => answers));
