// Why a check matters, and what to do if it fails.
import { DOCS } from "../../errors.js";

export interface Cure {
  readonly why: string;
  readonly cure: string;
  readonly docs: string;
}

export type CureName = keyof typeof CURES;

const CURES = {
  bytes: [
    "The signature covers the bytes that were sent. A receiver that signs something else loses genuine deliveries.",
    "Compute the HMAC over `t`, a dot and the raw body, as bytes: before any JSON parser, without trimming or decoding.",
    "body_parsed",
  ],
  handler: [
    "Dealix counts anything but a 2xx as a failure.",
    "Answer 2xx to every delivery whose signature is right, whatever its event type: the list of types is open.",
    "receivers",
  ],
  rotation: [
    "While a secret is being rotated, a delivery has two `v1`, and either may be the one that matches.",
    "Compare every `v1` with the HMAC under every secret that you hold, and ignore keys that you do not know.",
    "rotate-a-secret",
  ],
  age: [
    "Without this check, a recorded delivery could be sent again, and accepted, at any time.",
    "Refuse a `t` that is more than 300 s from your clock, in either direction.",
    "stale_signature",
  ],
  clock: [
    "Clocks differ, and deliveries take time on their way.",
    "Accept a `t` up to 300 s from your clock, in either direction, and set the clock by NTP.",
    "stale_signature",
  ],
  forgery: [
    "Anybody who finds the URL could send you events.",
    "Verify the signature of every request: compare the whole HMAC of `t`, a dot and the body in constant time.",
    "signature_mismatch",
  ],
  header: [
    "Anybody can send any header. An error in it must neither let a delivery through nor look like a failure of your server.",
    "Respond 400 to any header you cannot parse: catch whatever your parser throws, and never answer 2xx from a catch block.",
    "malformed_header",
  ],
  envelope: [
    "A 5xx makes Dealix send the same delivery again for 30 hours.",
    "Answer 400 to a body that you cannot read as an event, even if its signature is right.",
    "invalid_envelope",
  ],
  size: [
    "Dealix does not try again after a 413, so events over your limit are lost.",
    "Raise the body limit of your parser, and of any proxy in front of it, to 1 MiB.",
    "body_too_large",
  ],
  limit: [
    "Without a limit, anybody can fill your memory: the body is read before its signature can be checked.",
    "Stop reading at about 1 MiB, and answer 413.",
    "slow-and-hostile-clients",
  ],
  duplicates: [
    "A delivery arrives twice if your answer was lost or late.",
    "Answer 2xx to an event that you have handled before, or 503 while another request works on it.",
    "handle-each-event-once",
  ],
  method: [
    "Only a POST is a delivery; crawlers send GET.",
    "Answer 405 to other methods on this path. If you serve a page at this address on purpose, there is nothing to do.",
    "receivers",
  ],
  leak: [
    "Whoever sees the secret, or the right signature, can send you forged events.",
    "Answer a refused delivery with a bare 400, and write the reason to your log, with neither the secret nor the signature in it.",
    "errors",
  ],
} as const;

export function cureFor(name: CureName): Cure {
  const [why, cure, section] = CURES[name];
  return { why, cure, docs: `${DOCS}${section}` };
}
