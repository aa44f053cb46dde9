// The two halves of the text encoding that carries an inlined wasm module: what one writes, the other reads.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { toText } from "../../pkg-template/src/wasm/inlined/encode.mjs";

const root = join(import.meta.dirname, "../..");
const { outputFiles } = await build({
  entryPoints: [join(root, "pkg-template/src/wasm/inlined/decode.ts")],
  format: "esm",
  write: false,
});
const { fromText } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);

function modules() {
  const dist = join(root, "node_modules/@dealix/webhooks/dist");
  return ["receiver", "testing"].map((name) => [name, readFileSync(join(dist, `${name}.wasm`))]);
}

for (const [name, bytes] of [...modules(), ["every byte", Uint8Array.from({ length: 256 }, (_, byte) => byte)]]) {
  test(`inlined wasm: ${name} survives the round trip`, () => {
    const text = toText(bytes);
    assert.match(text, /^[#-[\]-~]*$/, "only digits that need no escape in a string");
    assert.deepEqual(Buffer.from(fromText(text)), Buffer.from(bytes));
  });
}

test("inlined wasm: random bytes survive the round trip", () => {
  for (let length = 0; length < 3000; length += 97) {
    // Every byte at least once, so that the most common are rarely too far apart to encode.
    const bytes = Buffer.concat([randomBytes(length), Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))]);
    let text;
    try {
      text = toText(bytes);
    } catch (error) {
      assert.match(String(error), /too far apart/);
      continue;
    }
    assert.deepEqual(Buffer.from(fromText(text)), bytes, `${length}`);
  }
});
