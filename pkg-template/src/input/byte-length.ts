import type { BodyContent } from "./body.js";
import { encode } from "../runtime/text.js";

/** The length in bytes of UTF-8. It is exact only if the text's length makes that matter for the limit. */
export function byteLength(content: BodyContent, limit: number): number {
  if (typeof content !== "string" || content.length > limit || content.length * 3 <= limit) return content.length;
  return encode(content).length;
}
