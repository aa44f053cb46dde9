// The rows of docs/runtimes.md, and how the rows of each table are kept. `cargo xtask test` writes the tables once the whole
// run is green.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Notes what was run; `name` is the row's in xtask/src/matrix/rows.rs. */
export function record(name, version, what) {
  keep("matrix", { name, version, what });
}

/** Keeps a row of the table whose rows are in this folder of target/npm. */
export function keep(table, row) {
  const folder = join(import.meta.dirname, "../../../..", table);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${row.name}.json`), JSON.stringify(row));
}
