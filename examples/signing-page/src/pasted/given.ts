import { encode } from "../core/bytes.js";

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** A delivery as far as it was pasted. */
export interface Given {
  readonly headers: HeaderList;
  /** The signature header's text; null if there is none. */
  readonly signature: string | null;
  /** The body, if it came with the headers. */
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** Why the body that should have come with them did not. */
  readonly missing: "half_character" | "body_elsewhere" | "no_body_in_entry" | "body_as_object" | null;
  /** What tells it from the others in a recording. */
  readonly title: string;
}

export interface Reported {
  /** The first is the one that the verdict names. */
  readonly causes: readonly string[];
  readonly certain: boolean;
}

export type Kind = "empty" | "value" | "headers" | "request" | "command" | "code" | "har" | "report" | "too_long";

export interface Pasted {
  readonly kind: Kind;
  /** One, or those of a recording to choose from. */
  readonly deliveries: readonly Given[];
  readonly report: Reported | null;
}

export const SIGNATURE = "dealix-signature";

export function pasted(kind: Kind, ...deliveries: readonly Given[]): Pasted {
  return { kind, deliveries, report: null };
}

/** `missing` says why there is no body, where one is to be expected. */
export function given(
  headers: HeaderList,
  body: string | Uint8Array<ArrayBuffer> | null = null,
  missing: Given["missing"] = null,
): Given {
  const signature = headersRecord(headers)[SIGNATURE] ?? null;
  const common = { headers, signature, title: "" };
  if (body === null) return { ...common, body, missing };
  if (typeof body !== "string") return { ...common, body, missing: null };
  // No bytes stand for half a character, and `encode` would put others in its place.
  if (!body.isWellFormed()) return { ...common, body: null, missing: "half_character" };
  return { ...common, body: encode(body), missing: null };
}

/** The headers as `diagnose` takes them. */
export function headersRecord(headers: HeaderList): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    record[key] = record[key] === undefined ? value : `${record[key]}, ${value}`;
  }
  return record;
}

/** A header from its line. */
export function headerOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return colon < 0 ? [line, ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
