import type { Cause } from "@dealix/webhooks/testing";
import { type Delivery, isGood } from "../verdict.js";
import type { Undo } from "./attempt.js";
import { base64, byteOrderMark, charset, compressed, lineEndings, newline } from "./body.js";
import { clock, hexFromBase64, lowerCase, rewritten } from "./header.js";
import { parsed } from "./parsed.js";
import { encoded, wrapped } from "./secret.js";

/** The causes that leave enough to restore what was signed. */
const UNDO: Partial<Record<Cause, Undo>> = {
  body_parsed: parsed,
  byte_order_mark: byteOrderMark,
  newline,
  line_endings: lineEndings,
  charset,
  base64_body: base64,
  compressed_body: compressed,
  secret_wrapped: wrapped,
  secret_encoded: encoded,
  clock_skew: clock,
  header_rewritten: rewritten,
  upper_case_hex: lowerCase,
  base64_signature: hexFromBase64,
};

/** The delivery with these mistakes undone, if it verifies then; otherwise null. */
export async function undone(delivery: Delivery, causes: readonly Cause[]): Promise<Delivery | null> {
  const [cause, ...rest] = causes;
  if (cause === undefined) return isGood(delivery) ? delivery : null;
  const undo = UNDO[cause];
  if (undo === undefined) return null;
  for await (const attempt of undo(delivery)) {
    const found = await undone(attempt, rest);
    if (found !== null) return found;
  }
  return null;
}
