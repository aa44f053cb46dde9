// Where it pays to hand a body over to node:crypto: two copies of the package in one process, one that always does and
// one that never does.
import { join } from "node:path";
import { copyWithCrossover } from "../runtimes/crossover.mjs";
import { withFolder } from "../runtimes/folder.mjs";
import { run } from "../runtimes/process.mjs";

export async function crossover([command, ...words], rounds) {
  return withFolder(async (folder) => {
    const files = [
      await copyWithCrossover(join(folder, "wasm"), "Infinity"),
      await copyWithCrossover(join(folder, "host"), "0"),
    ];
    return JSON.parse(
      await run(command, [...words, join(import.meta.dirname, "crossover-here.mjs"), ...files, `${rounds}`], {
        timeout: 300_000,
      }),
    );
  });
}
