// Wasm memory after a body of 100 MB, signed and verified, as text and as bytes: prints the bytes. `wasm` as the only
// word takes the host's hash away, so that all of the body goes through wasm.
import process from "node:process";

const LENGTH = 100_000_000;
const memories = [];
const { Instance } = WebAssembly;
// biome-ignore lint/complexity/useArrowFunction: it is called with `new`.
WebAssembly.Instance = function (...words) {
  const instance = new Instance(...words);
  memories.push(instance.exports.memory);
  return instance;
};
if (process.argv[2] === "wasm") process.getBuiltinModule = undefined;

const { signPayload, verifySignature } = await import("@dealix/webhooks");
const secret = "whsec_memory";
for (const body of ["x".repeat(LENGTH), new Uint8Array(LENGTH)]) {
  const signatureHeader = signPayload({ secret, body });
  if (!verifySignature({ secret, signatureHeader, body }).valid) throw new Error("a good signature is refused");
}
if (memories.length !== 1) throw new Error(`${memories.length} wasm modules were started, not one`);
console.log(memories[0].buffer.byteLength);
