// The rows of docs/runtimes.md. `cargo xtask test` writes the table once the whole run is green.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../../../matrix");

/** Notes what was run; `name` is the row's in xtask/src/matrix/rows.rs. */
export function record(name, version, what) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, version, what }));
}
