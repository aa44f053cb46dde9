import { unsupportedRuntime } from "./unsupported.js";

interface Codec {
  readonly encoder: TextEncoder;
  readonly decoder: TextDecoder;
}

// Created on first use: Jest's jsdom environment has neither, and must still be able to import the package.
let codec: Codec | undefined;

export function encode(text: string): Uint8Array {
  return getCodec().encoder.encode(text);
}

/** Writes as much of the text as fits; `read` counts UTF-16 units, `written` bytes. */
export function encodeInto(text: string, room: Uint8Array): { read: number; written: number } {
  return getCodec().encoder.encodeInto(text, room);
}

/** Throws a TypeError if the bytes are not UTF-8. A byte-order mark stays. */
export function decode(bytes: Uint8Array): string {
  return getCodec().decoder.decode(bytes);
}

/** The text that its UTF-8 bytes decode to: an encoder writes U+FFFD for a lone surrogate. */
export function wellFormed(text: string): string {
  // Node has it since version 20, Firefox since 119.
  return (text as { toWellFormed?(): string }).toWellFormed?.() ?? decode(encode(text));
}

function getCodec(): Codec {
  return (codec ??= makeCodec());
}

function makeCodec(): Codec {
  try {
    return { encoder: new TextEncoder(), decoder: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }) };
  } catch (error) {
    throw unsupportedRuntime(error);
  }
}
