import type * as exports from "./generated/receiver.js";
import { encodeInto } from "./text.js";
import { instantiate, type WasmSource } from "./wasm.js";

/** The module's functions, and views on its buffer. Its memory never grows, so a view stays good. */
export interface Receiver {
  readonly wasm: typeof exports;
  readonly header: Uint8Array;
  /** What a host hashes before the body is written right before the body's room. */
  readonly prefix: Uint8Array;
  readonly body: Uint8Array;
}

let instance: () => typeof exports;
let opened: Receiver | undefined;

/** Starts the wasm module; each of the package's entries calls it once, with the source that fits. */
export function startReceiver(source: () => WasmSource): void {
  instance = instantiate(source);
}

/** The module; throws where it could not be started. */
export function receiver(): Receiver {
  return (opened ??= open(instance()));
}

function open(wasm: typeof exports): Receiver {
  let end = wasm.buffer();
  const room = (length: number) => new Uint8Array(wasm.memory.buffer, (end += length) - length, length);
  return { wasm, header: room(wasm.header_room()), prefix: room(wasm.prefix_room()), body: room(wasm.body_room()) };
}

/** The room is one byte more than a header may have: what does not fit counts as too long. */
export function writeHeader(text: string): number {
  const { header } = receiver();
  const { read, written } = encodeInto(text, header);
  return read === text.length ? written : header.length;
}
