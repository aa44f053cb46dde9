// A body that a text field would change or choke on: a file, or a long or unusual paste.
import { signal } from "@preact/signals";
import { concat, encode } from "../core/bytes.js";

export interface Kept {
  readonly name: string | null;
  readonly size: number;
  /** null while they are read, and if they cannot be. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** Why it cannot be judged, or not yet. */
  readonly obstacle: "reading" | "body_too_large" | "file_unreadable" | "half_character" | null;
}

export const MAX_BODY_BYTES = 64 * 1024 * 1024;

export const kept = signal<Kept | null>(null);

export function keepBytes(bytes: Uint8Array<ArrayBuffer>): void {
  kept.value = { name: null, size: bytes.length, bytes, obstacle: null };
}

/** Text short enough to be read at once. */
const SLICE = 2_000_000;

export function keepText(text: string): void {
  if (text.length > SLICE) return void keepLong(text);
  if (text.isWellFormed()) keepBytes(encode(text));
  else kept.value = refused(null, text.length, "half_character");
}

async function keepLong(text: string): Promise<void> {
  const waiting = (kept.value = refused(null, text.length, "reading"));
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const slice of slices(text)) {
    if (!slice.isWellFormed()) return void (kept.value = refused(null, text.length, "half_character"));
    const part = encode(slice);
    parts.push(part);
    size += part.length;
    if (size > MAX_BODY_BYTES) return void (kept.value = refused(null, text.length, "body_too_large"));
    await new Promise((resolve) => setTimeout(resolve));
    if (kept.value !== waiting) return;
  }
  keepBytes(concat(...parts));
}

function* slices(text: string): Iterable<string> {
  for (let at = 0; at < text.length; ) {
    // The first half of a pair goes with the second.
    const isHalf = /[\ud800-\udbff]/.test(text[at + SLICE - 1] ?? "");
    const end = at + SLICE - (isHalf ? 1 : 0);
    yield text.slice(at, end);
    at = end;
  }
}

export async function keepFile(file: File): Promise<void> {
  const { name, size } = file;
  if (size > MAX_BODY_BYTES) return void (kept.value = refused(name, size, "body_too_large"));
  const waiting = (kept.value = refused(name, size, "reading"));
  const bytes = await file.arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => null,
  );
  // Something else may have taken its place meanwhile.
  if (kept.value !== waiting) return;
  kept.value = bytes === null ? refused(name, size, "file_unreadable") : { name, size, bytes, obstacle: null };
}

export function release(): void {
  kept.value = null;
}

function refused(name: string | null, size: number, obstacle: Kept["obstacle"]): Kept {
  return { name, size, bytes: null, obstacle };
}
