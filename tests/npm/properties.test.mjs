// What holds of every input, and after every call, whether node:crypto or wasm hashes: a changed bit is refused, receivers
// never mix, and nothing that goes wrong helps a forgery. The end of the stack is in suite/interruption.mjs, for every
// runtime.
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import "./properties/instances.mjs";
import { bits } from "./properties/bits.mjs";
import { hostile } from "./properties/hostile.mjs";
import { reentry } from "./properties/reentry.mjs";
import { streams } from "./properties/streams.mjs";
import { copyWithCrossover } from "./runtimes/crossover.mjs";
import { withFolder } from "./runtimes/folder.mjs";

const WAYS = { "node:crypto": "0", wasm: "Infinity" };

const copies = await withFolder((folder) =>
  Promise.all(
    Object.entries(WAYS).map(async ([way, length]) => {
      const file = await copyWithCrossover(join(folder, length), length);
      return [way, await import(pathToFileURL(file))];
    }),
  ),
);

for (const [way, webhooks] of copies) {
  for (const [name, run] of [bits, streams, reentry, hostile].flatMap((part) => Object.entries(part(webhooks))))
    test(`${way}: ${name}`, { timeout: 120_000 }, run);
}
