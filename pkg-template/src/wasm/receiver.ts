import type * as exports from "../generated/receiver.js";
import { MAX_HEADER_BYTES } from "../generated/constants.js";
import { encodeInto } from "../runtime/text.js";
import { gate, type Gate, type Opened, type WasmSource } from "./gate.js";

/** The module's functions, and views of its buffer. Its memory never grows, so the views stay valid. */
export interface Receiver extends Opened {
  readonly wasm: typeof exports;
  readonly header: Uint8Array;
  /** Where the runtime's digests go. What it hashes before the body lies at the end of this room, right before the body's. */
  readonly prefix: Uint8Array;
  readonly body: Uint8Array;
}

/** The lengths of the buffer's rooms, as in src/wasm/receiver/room.rs. */
const HEADER_ROOM = MAX_HEADER_BYTES + 1;
const PREFIX_ROOM = 128;
const BODY_ROOM = 3 * 64 * 1024;

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
    header: room(HEADER_ROOM),
    prefix: room(PREFIX_ROOM),
    body: room(BODY_ROOM),
    isEntered: false,
  };
}

/** The room is one byte longer than a header may be, so a header that does not fit counts as too long. */
export function writeHeader({ header }: Receiver, text: string): number {
  const { read, written } = encodeInto(text, header);
  return read === text.length ? written : header.length;
}
