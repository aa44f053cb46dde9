// In the runtime that is measured: `node crossover-here.mjs <copy for wasm> <copy for the host> <rounds>`.
import process from "node:process";
import { pathToFileURL } from "node:url";
import { bodyOf } from "./bodies.mjs";
import { compare, timer } from "./rounds.mjs";

const [wasm, host, rounds] = process.argv.slice(2);
const copies = { wasm: await import(pathToFileURL(wasm)), host: await import(pathToFileURL(host)) };
const secret = "whsec_crossover";
const rows = [];
for (const size of [100, 150, 200, 250, 300, 400, 600, 1000, 2000]) {
  for (const [kind, body] of [
    ["string", bodyOf(size)],
    ["bytes", Buffer.from(bodyOf(size))],
  ]) {
    const makers = () =>
      Object.entries(copies).map(([name, { signPayload, verifySignature }]) => {
        const signatureHeader = signPayload({ secret, body });
        return { name, run: () => verifySignature({ secret, signatureHeader, body }) };
      });
    const [, { ratio, low, high }] = await compare(makers, Number(rounds), timer(0.8));
    rows.push({ size, kind, ratio, low, high });
  }
}
console.log(JSON.stringify(rows));
