// Floats as JavaScript reads and writes them for the wasm module, compared with CPython's json.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { serializeEnvelope } from "@dealix/webhooks/testing";

const COUNT = 100_000;
const PYTHON = `import json, sys; sys.stdout.write("\\n".join(json.dumps(json.loads(line)) for line in sys.stdin.buffer))`;

/** Numbers from a fixed seed, so that a failure can be reproduced. */
let state = 20_260_711;
function random(below) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function anyBits() {
  const view = new DataView(new ArrayBuffer(8));
  for (let at = 0; at < 8; at += 1) view.setUint8(at, random(256));
  return view.getFloat64(0);
}

const digits = (count) => Array.from({ length: count }, () => random(10)).join("");

/**
 * Random bits, short decimals, powers of ten, more digits than a double has, and numbers halfway between two doubles.
 */
const KINDS = [
  () => anyBits().toExponential(),
  () =>
    anyBits()
      .toPrecision(17)
      .replace(/^([^.e]*)$/, "$1.0"),
  () => `${random(2000) - 1000}.${digits(2)}`,
  () => `${1 + random(999)}E${random(600) - 320}`,
  () => `${1 + random(9)}${digits(19)}.5e-${random(40)}`,
  () => `-0.${"0".repeat(random(9))}${digits(3)}1`,
  () => `${9_007_199_254_740_993n + 2n * BigInt(random(1000))}.${"0".repeat(random(30))}${random(2)}`,
];

test("floats are written as CPython writes them", () => {
  const numbers = Array.from({ length: COUNT }, (_, index) => KINDS[index % KINDS.length]()).filter((text) =>
    Number.isFinite(Number(text)),
  );
  assert.ok(numbers.length > 0.9 * COUNT);
  const input = numbers.join("\n");
  const expected = execFileSync("python3", ["-I", "-S", "-c", PYTHON], { input, maxBuffer: 64 * 1024 * 1024 })
    .toString()
    .split("\n");
  const event = `{"api_version":"v1","customer_id":"c","data":{"v":[${numbers}]},"id":"e","timestamp":1,"type":"t"}`;
  const written = /\[(.*)\]/.exec(serializeEnvelope(event))[1].split(",");
  assert.equal(written.length, expected.length);
  for (const [index, text] of written.entries()) assert.equal(text, expected[index], numbers[index]);
});
