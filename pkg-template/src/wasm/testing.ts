import type * as exports from "../generated/testing.js";
import { decode, encodeInto } from "../runtime/text.js";
import { gate, type Gate, type Opened, type WasmSource } from "./gate.js";

interface Testing extends Opened {
  readonly wasm: typeof exports;
}

let instances: Gate<Testing>;
/** The instance in use: the functions that the module imports work on its memory. */
let entered: Testing;

/** Starts the wasm module. Each entry of the package calls this once, with the source that fits its runtimes. */
export function startTesting(source: () => WasmSource): void {
  const open = (wasm: typeof exports) => ({ wasm, isEntered: false });
  instances = gate(source, open, { host: { parse_float: readFloat, write_float: writeFloat } });
}

/** What a function of the module returns, or what is wrong with its input if it failed. */
export interface Result {
  readonly failed: boolean;
  readonly text: string;
}

/** Calls a function of the module with bytes. Throws if the module cannot be started. */
export function call(run: (wasm: typeof exports) => number, ...input: Uint8Array[]): Result {
  entered = instances.enter();
  const { wasm } = entered;
  let at = wasm.room(input.reduce((length, part) => length + part.length, 0));
  for (const part of input) {
    bytesAt(at, part.length).set(part);
    at += part.length;
  }
  const length = run(wasm);
  const failed = length < 0;
  const text = decode(bytesAt(wasm.at(), failed ? ~length : length));
  instances.leave(entered);
  return { failed, text };
}

function readFloat(text: number, length: number): number {
  return Number(decode(bytesAt(text, length)));
}

function writeFloat(number: number, digits: number): number {
  return encodeInto(String(number), bytesAt(digits, 32)).written;
}

/** An address beyond 2 GiB arrives as a negative number. */
function bytesAt(address: number, length: number): Uint8Array {
  return new Uint8Array(entered.wasm.memory.buffer, address >>> 0, length);
}
