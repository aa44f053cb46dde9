import type * as exports from "../generated/receiver.js";
import { encodeInto } from "../runtime/text.js";
import { gate, type Gate, type Opened, type WasmSource } from "./gate.js";

/** The module's functions, and views of its buffer. Its memory never grows, so the views stay valid. */
export interface Receiver extends Opened {
  readonly wasm: typeof exports;
  readonly header: Uint8Array;
  /** Room for the bytes that the runtime hashes before the body; it lies right before the body's room. */
  readonly prefix: Uint8Array;
  readonly body: Uint8Array;
}

/** The receiver, for one verification or signing at a time. */
export let receivers: Gate<Receiver>;

/** Starts the wasm module. Each entry of the package calls this once, with the source that fits its runtimes. */
export function startReceiver(source: () => WasmSource): void {
  receivers = gate(source, open);
}

function open(wasm: typeof exports): Receiver {
  let end = wasm.buffer();
  const room = (length: number) => new Uint8Array(wasm.memory.buffer, (end += length) - length, length);
  return {
    wasm,
    header: room(wasm.header_room()),
    prefix: room(wasm.prefix_room()),
    body: room(wasm.body_room()),
    isEntered: false,
  };
}

/** The room is one byte longer than a header may be, so a header that does not fit counts as too long. */
export function writeHeader({ header }: Receiver, text: string): number {
  const { read, written } = encodeInto(text, header);
  return read === text.length ? written : header.length;
}
