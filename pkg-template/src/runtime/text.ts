import { unsupportedRuntime } from "./unsupported.js";

// Created on first use: Jest's jsdom environment has neither, and must still be able to import the package. Each by itself,
// since Node takes a millisecond for the decoder, which a body that is text does not need.
let encoder: TextEncoder | undefined;
let decoder: TextDecoder | undefined;

export function encode(text: string): Uint8Array {
  return getEncoder().encode(text);
}

/** Writes as much of the text as fits; `read` counts UTF-16 units, `written` bytes. */
export function encodeInto(text: string, room: Uint8Array): { read: number; written: number } {
  return getEncoder().encodeInto(text, room);
}

/** Throws a TypeError if the bytes are not UTF-8. A byte-order mark stays. */
export function decode(bytes: Uint8Array): string {
  return (decoder ??= supported(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }))).decode(bytes);
}

/** The text that its UTF-8 bytes decode to: an encoder writes U+FFFD for a lone surrogate. */
export function wellFormed(text: string): string {
  // Node has it since version 20, Firefox since 119.
  return (text as { toWellFormed?(): string }).toWellFormed?.() ?? decode(encode(text));
}

/** Secrets are encoded at start-up, so that is when a runtime without either is found out. */
function getEncoder(): TextEncoder {
  return (encoder ??= supported(() => {
    if (typeof TextDecoder === "undefined") throw new ReferenceError("no TextDecoder");
    return new TextEncoder();
  }));
}

function supported<Coder>(create: () => Coder): Coder {
  try {
    return create();
  } catch (error) {
    throw unsupportedRuntime(error);
  }
}
