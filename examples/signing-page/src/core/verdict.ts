import { signPayload, verifySignature, WebhookError } from "@dealix/webhooks";
import { timeOf } from "./signature.js";

/** Whether this browser runs the package: WebAssembly may be missing or forbidden. */
export const isSupported = ((): boolean => {
  try {
    signPayload({ secret: "any", body: "" });
    return true;
  } catch {
    return false;
  }
})();

/** What is checked: all of it as it was given. */
export interface Delivery {
  readonly signature: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly secrets: readonly string[];
  readonly now: number;
}

export interface Verdict {
  /** null if the signature is good; otherwise a code of the package. */
  readonly code: string | null;
  readonly secretIndex: number | null;
  /** Which `v1` matched, counted from 0; null if none did. */
  readonly v1Index: number | null;
  readonly time: number | null;
  /** Whether the signature matches apart from its age. */
  readonly matches: boolean;
}

export const WINDOW_SECONDS = 300;

export function judge(delivery: Delivery): Verdict {
  const time = timeOf(delivery.signature);
  try {
    const { valid, error, secretIndex } = check(delivery);
    const isStale = error === "stale_signature";
    const inTime = isStale && time !== null ? { ...delivery, now: time } : delivery;
    const index = isStale ? check(inTime).secretIndex : secretIndex;
    const matches = valid || index !== null;
    return { code: error, secretIndex: index, v1Index: matches ? matching(inTime) : null, time, matches };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return { code: error.code, secretIndex: null, v1Index: null, time, matches: false };
  }
}

export function isGood(delivery: Delivery): boolean {
  return check(delivery).valid;
}

function check({ signature, body, secrets, now }: Delivery) {
  return verifySignature({ secret: secrets, signatureHeader: signature, body, now, maxAgeSeconds: WINDOW_SECONDS });
}

/** The package says which secret matched; which `v1` it was shows when each is tried alone. */
function matching(delivery: Delivery): number | null {
  const parts = delivery.signature.split(",");
  const signatures = parts.filter((part) => part.startsWith("v1="));
  const time = parts.find((part) => part.startsWith("t="));
  const index = signatures.findIndex((v1) => isGood({ ...delivery, signature: `${time},${v1}` }));
  return index < 0 ? null : index;
}
