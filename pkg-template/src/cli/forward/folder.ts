// The folder of recordings: nobody but its owner may read them, or plant one to be signed.
import { mkdirSync, statSync } from "node:fs";

/** Creates the folder if there is none. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Why a folder cannot be trusted; null if only its owner, this user, can write to it. Windows does not say. */
export function distrust(folder: string): string | null {
  const user = process.getuid?.();
  if (user === undefined) return null;
  const { uid, mode } = statSync(folder);
  if (uid !== user) return "the folder belongs to another user: use one of your own";
  return mode & 0o022 ? "other users can write to the folder: run chmod go-w on it, or use another" : null;
}
