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

/** What the clock does not change, so that it need not be computed again as time passes. */
export type Match = Pick<Verdict, "secretIndex" | "v1Index">;

const NONE: Match = { secretIndex: null, v1Index: null };

/** Which secret and which `v1` match, whatever the signature's age. */
export function match(delivery: Delivery): Match {
  const inTime = { ...delivery, now: timeOf(delivery.signature) ?? 0 };
  try {
    const { secretIndex } = check(inTime);
    return secretIndex === null ? NONE : { secretIndex, v1Index: matching(inTime, secretIndex) };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return NONE;
  }
}

/** The verdict by the delivery's clock: a fault of the header comes before a signature that does not match. */
export function judge(delivery: Delivery, { secretIndex, v1Index }: Match): Verdict {
  const time = timeOf(delivery.signature);
  const matches = secretIndex !== null;
  const fault = headerFault(delivery);
  return { code: fault ?? (matches ? null : "signature_mismatch"), secretIndex, v1Index, time, matches };
}

/** What is wrong apart from the body. */
function headerFault(delivery: Delivery): string | null {
  try {
    const { error } = check({ ...delivery, body: new Uint8Array() });
    return error === "signature_mismatch" ? null : error;
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return error.code;
  }
}

export function isGood(delivery: Delivery): boolean {
  return check(delivery).valid;
}

function check({ signature, body, secrets, now }: Delivery) {
  return verifySignature({ secret: secrets, signatureHeader: signature, body, now, maxAgeSeconds: WINDOW_SECONDS });
}

/** The package says which secret matched; which `v1` it was shows when that secret signs the same again. */
function matching({ secrets, signature, body, now }: Delivery, secretIndex: number): number | null {
  const header = signPayload({ secret: secrets[secretIndex] as string, body, timestamp: now });
  const signatures = signature.split(",").filter((part) => part.startsWith("v1="));
  const index = signatures.indexOf(header.slice(header.indexOf(",") + 1));
  return index < 0 ? null : index;
}
