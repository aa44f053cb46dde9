// A body that a text field would change or choke on: a file, or a long or unusual paste.
import { signal } from "@preact/signals";
import { concat, encode, fromBase64 } from "../core/bytes.js";

export interface Kept {
  readonly name: string | null;
  /** The text that was pasted, so that it can be read as base64 after all. */
  readonly text: string | null;
  readonly size: number;
  /** null while they are read, and if they cannot be. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** Why it cannot be judged, or not yet. */
  readonly obstacle: "reading" | "body_too_large" | "file_unreadable" | "half_character" | "bad_base64" | null;
}

export const MAX_BODY_BYTES = 64 * 1024 * 1024;

export const kept = signal<Kept | null>(null);

export function keepBytes(bytes: Uint8Array<ArrayBuffer>): void {
  kept.value = { name: null, text: null, size: bytes.length, bytes, obstacle: null };
}

/** How text becomes bytes: a slice at a time if it is long. */
interface Reading {
  readonly slices: (text: string) => Iterable<string>;
  readonly bytes: (slice: string) => Uint8Array<ArrayBuffer> | null;
  /** What is wrong with a slice that has no bytes. */
  readonly fault: "half_character" | "bad_base64";
}

const SLICE = 1_000_000;

const AS_TEXT: Reading = {
  *slices(text) {
    for (let at = 0; at < text.length; ) {
      // The first half of a pair goes with the second.
      const isHalf = /[\ud800-\udbff]/.test(text[at + SLICE - 1] ?? "");
      const end = at + SLICE - (isHalf ? 1 : 0);
      yield text.slice(at, end);
      at = end;
    }
  },
  bytes: (slice) => (slice.isWellFormed() ? encode(slice) : null),
  fault: "half_character",
};

const AS_BASE64: Reading = {
  *slices(text) {
    let rest = "";
    for (let at = 0; at < text.length; at += SLICE) {
      const plain = rest + text.slice(at, at + SLICE).replace(/\s+/g, "");
      const isLast = at + SLICE >= text.length;
      // Four characters stand for three bytes.
      const end = isLast ? plain.length : plain.length - (plain.length % 4);
      if (end > 0) yield plain.slice(0, end);
      rest = plain.slice(end);
    }
  },
  bytes: fromBase64,
  fault: "bad_base64",
};

export function keepText(text: string, kind: "text" | "base64"): void {
  const reading = kind === "text" ? AS_TEXT : AS_BASE64;
  if (text.length > SLICE) return void keepSlices(text, reading);
  const bytes = reading.bytes(text);
  kept.value = bytes === null ? refusedText(text, reading.fault) : readText(text, bytes);
}

async function keepSlices(text: string, { slices, bytes, fault }: Reading): Promise<void> {
  const refuse = (obstacle: Kept["obstacle"]) => (kept.value = refusedText(text, obstacle));
  const waiting = refuse("reading");
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const slice of slices(text)) {
    const part = bytes(slice);
    if (part === null) return void refuse(fault);
    parts.push(part);
    size += part.length;
    if (size > MAX_BODY_BYTES) return void refuse("body_too_large");
    await new Promise((resolve) => setTimeout(resolve));
    // Something else may have taken its place meanwhile.
    if (kept.value !== waiting) return;
  }
  kept.value = readText(text, concat(...parts));
}

/** Reads kept text in the other way. */
export function reread(kind: "text" | "base64"): void {
  if (kept.value !== null && kept.value.text !== null) keepText(kept.value.text, kind);
}

export async function keepFile(file: File): Promise<void> {
  const { name, size } = file;
  if (size > MAX_BODY_BYTES) return void (kept.value = refusedFile(name, size, "body_too_large"));
  const waiting = (kept.value = refusedFile(name, size, "reading"));
  const bytes = await file.arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => null,
  );
  if (kept.value !== waiting) return;
  kept.value =
    bytes === null ? refusedFile(name, size, "file_unreadable") : { name, text: null, size, bytes, obstacle: null };
}

export function release(): void {
  kept.value = null;
}

function readText(text: string, bytes: Uint8Array<ArrayBuffer>): Kept {
  return { name: null, text, size: bytes.length, bytes, obstacle: null };
}

function refusedText(text: string, obstacle: Kept["obstacle"]): Kept {
  return { name: null, text, size: text.length, bytes: null, obstacle };
}

function refusedFile(name: string, size: number, obstacle: Kept["obstacle"]): Kept {
  return { name, text: null, size, bytes: null, obstacle };
}
