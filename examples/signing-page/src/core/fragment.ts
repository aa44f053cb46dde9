// The page's state in the address, after the `#`, which browsers do not send. Secrets are no part of it.
import { fromBase64, toBase64 } from "./bytes.js";

export interface Shared {
  readonly mode: "verify" | "explain" | "sign";
  readonly header: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly clock: number | "now" | "signed";
}

/** Longer state makes an address that mail and chat programs cut. */
export const MAX_SHARED_BYTES = 16_000;

export function writeFragment({ mode, header, body, clock }: Shared): string {
  const fields = new URLSearchParams({ mode, clock: String(clock), header, body: toBase64(body) });
  return `#${fields}`;
}

export function readFragment(fragment: string): Partial<Shared> {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const mode = fields.get("mode");
  const header = fields.get("header");
  const body = fields.has("body") ? (fromBase64(fields.get("body") ?? "") ?? new Uint8Array()) : null;
  const clock = readClock(fields.get("clock"));
  return {
    ...(mode === "verify" || mode === "explain" || mode === "sign" ? { mode } : {}),
    ...(header === null ? {} : { header }),
    ...(body === null ? {} : { body }),
    ...(clock === null ? {} : { clock }),
  };
}

function readClock(text: string | null): Shared["clock"] | null {
  if (text === "now" || text === "signed") return text;
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;
}
