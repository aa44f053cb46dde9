import { WebhookConfigurationError } from "./errors.js";

// Made on first use: Jest's jsdom environment has neither, and must still be able to import the package.
let encoder: TextEncoder | undefined;
let decoder: TextDecoder | undefined;

export function encode(text: string): Uint8Array {
  return textEncoder().encode(text);
}

/** Writes as much of the text as there is room for; `read` counts UTF-16 units, `written` bytes. */
export function encodeInto(text: string, room: Uint8Array): { read: number; written: number } {
  return textEncoder().encodeInto(text, room);
}

/** Throws a TypeError where the bytes are no UTF-8. A byte-order mark stays. */
export function decode(bytes: Uint8Array): string {
  if (typeof TextDecoder === "undefined") throw missing("TextDecoder");
  decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return decoder.decode(bytes);
}

function textEncoder(): TextEncoder {
  if (typeof TextEncoder === "undefined") throw missing("TextEncoder");
  return (encoder ??= new TextEncoder());
}

function missing(name: string): WebhookConfigurationError {
  return new WebhookConfigurationError(
    "unsupported_runtime",
    `This runtime has no ${name}.`,
    'In Jest, test with `testEnvironment: "node"` instead of jsdom.',
  );
}
