// What was pasted or chosen in the header's place and is too long for its field, such as a HAR file.
import { signal } from "@preact/signals";
import { lane } from "../aside/lane.js";
import type { Pasted } from "../pasted/given.js";
import { readPasted } from "../pasted/read.js";

export interface Source {
  readonly name: string | null;
  readonly size: number;
  /** null while it is read, and if it cannot be. */
  readonly pasted: Pasted | null;
  readonly obstacle: "reading" | "paste_too_large" | "file_unreadable" | null;
}

const MAX_SOURCE_BYTES = 64 * 1024 * 1024;
/** Longer text, and every file, is read in a worker. */
const AT_ONCE_CHARACTERS = 1_000_000;

export const source = signal<Source | null>(null);

const reading = lane("read");

export function keepSource(text: string): void {
  const about = { name: null, size: text.length };
  if (text.length <= AT_ONCE_CHARACTERS) source.value = { ...about, pasted: readPasted(text), obstacle: null };
  else void read(about, text);
}

export function keepSourceFile(file: File): void {
  void read({ name: file.name, size: file.size }, file);
}

export function releaseSource(): void {
  reading.stop();
  source.value = null;
}

async function read(about: Pick<Source, "name" | "size">, given: string | File): Promise<void> {
  const isTooLarge = about.size > MAX_SOURCE_BYTES;
  const waiting: Source = { ...about, pasted: null, obstacle: isTooLarge ? "paste_too_large" : "reading" };
  source.value = waiting;
  if (isTooLarge) return;
  const pasted = await reading.run(given).catch(() => null);
  // Something else may have taken its place meanwhile.
  if (source.value !== waiting) return;
  source.value = { ...about, pasted, obstacle: pasted === null ? "file_unreadable" : null };
}
