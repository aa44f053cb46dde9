// The vector files by name: this repository's, or those of the folder that DEALIX_VECTORS names.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.DEALIX_VECTORS ?? join(import.meta.dirname, "../../vectors");

export const vectors = Object.fromEntries(
  ["sign", "verify", "js_inputs", "serialize"].map((name) => [name, JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"))]),
);
