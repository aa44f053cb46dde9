// `cargo xtask constant-time --statistics`: whether the time of a verification by the installed package tells which digit of a
// signature is wrong, or something of the secret, in each Node and with each of V8's compilers for WebAssembly.
import process from "node:process";
import { program, run, script } from "../runtimes/process.mjs";
import { CERTAIN, SUSPICIOUS } from "./welch.mjs";

const MEASUREMENTS = 200_000;
const NODES = ["20", "22", "24"];
const COMPILERS = { "as Node runs it": [], Liftoff: ["--liftoff-only"], TurboFan: ["--no-liftoff"] };

let isGood = true;
for (const [compiler, flags] of Object.entries(COMPILERS)) {
  for (const node of NODES) {
    const words = [...flags, script("../constant-time/here.mjs"), `${MEASUREMENTS}`];
    const rows = JSON.parse(await run(program(`node-${node}/bin/node`), words, { timeout: 900_000 }));
    console.log(`\nNode ${node}, WebAssembly compiled by: ${compiler}`);
    for (const row of rows) print(row);
  }
}
if (!isGood) {
  console.error(
    "A time may tell something, or a control is not seen. Run it again, on a machine that does nothing else.",
  );
  process.exit(1);
}

function print({ name, t, n, difference }) {
  const size = Math.abs(t);
  const isControl = name === "control";
  if (isControl ? size < CERTAIN : size >= SUSPICIOUS) isGood = false;
  const sentence = isControl ? seen(size, difference) : meaning(size);
  console.log(`  ${name.padEnd(36)}  n ${`${n}`.padStart(7)}  max |t| ${size.toFixed(2).padStart(7)}  ${sentence}`);
}

function meaning(t) {
  if (t < SUSPICIOUS) return "no difference seen";
  return t < CERTAIN ? "suspicious: run it again" : "the time differs";
}

function seen(t, difference) {
  if (t < CERTAIN) return "the early exit is not seen, so this run sees nothing";
  return `the early exit is seen: it takes ${difference.toFixed(0)} ns`;
}
