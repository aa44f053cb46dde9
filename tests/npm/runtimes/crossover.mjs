import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { manifest } from "./process.mjs";

/** Copies the installed package to a folder's node_modules, with another body length from which node:crypto hashes. */
export async function copyWithCrossover(folder, length) {
  const target = join(folder, "node_modules/@dealix/webhooks");
  await cp(manifest("@dealix/webhooks").folder, target, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const file = join(target, "dist/index.js");
  const code = await readFile(file, "utf8");
  const parts = code.split(
    /"Deno" ?in globalThis ?\?[^,;]+(?=, ?bytesUntilLoaded\w*)|(?<=bytesUntilLoaded\w* ?= ?)\d+(?:e\d+)?/,
  );
  assert.equal(
    parts.length,
    3,
    "dist/index.js has SHORTEST, which depends on the runtime, and then bytesUntilLoaded, a number",
  );
  await writeFile(file, `${parts[0]}${length}${parts[1]}0${parts[2]}`);
  return file;
}
