// Recognizes a delivery that this process forwarded and that came back, by whatever address.
import { randomBytes } from "node:crypto";
import type { Header } from "../deliver.js";

export const LOOP =
  "--forward-to is the address of this command itself: use your receiver's address, or another --port";

const NAME = "Dealix-Forwarded-By";
/** Random, so that nobody else can make a delivery look as if it came back. */
const OWN = randomBytes(16).toString("hex");

/** Added to what is forwarded. Other processes' headers stay, since a loop may lead through several. */
export const MARK: Header = [NAME, OWN];

export function isMark(name: string): boolean {
  return name.toLowerCase() === NAME.toLowerCase();
}

export function hasComeBack(rawHeaders: readonly string[]): boolean {
  return rawHeaders.some((text, index) => isMark(text) && rawHeaders[index + 1]?.includes(OWN));
}
