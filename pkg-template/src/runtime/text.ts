import { unsupportedRuntime } from "./unsupported.js";

interface Codec {
  readonly encoder: TextEncoder;
  readonly decoder: TextDecoder;
}

// Made on first use: Jest's jsdom environment has neither, and must still be able to import the package.
let codec: Codec | undefined;

export function encode(text: string): Uint8Array {
  return getCodec().encoder.encode(text);
}

/** Writes as much of the text as there is room for; `read` counts UTF-16 units, `written` bytes. */
export function encodeInto(text: string, room: Uint8Array): { read: number; written: number } {
  return getCodec().encoder.encodeInto(text, room);
}

/** Throws a TypeError where the bytes are no UTF-8. A byte-order mark stays. */
export function decode(bytes: Uint8Array): string {
  return getCodec().decoder.decode(bytes);
}

/** The text that its UTF-8 bytes spell: where a surrogate stands alone, an encoder writes U+FFFD. */
export function wellFormed(text: string): string {
  // Node has it from 20 on, Firefox from 119 on.
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
