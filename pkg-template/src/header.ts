/** A `Headers`, or anything that answers the same question. */
export interface HeadersLike {
  get(name: string): string | null | undefined;
}

/** A plain object of headers in any case, as Node (`req.headers`, `headersDistinct`) and Lambda hand them over. */
export type HeadersRecord = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The request's headers, or the text of its `Dealix-Signature` header. */
export type HeadersInput = string | readonly string[] | HeadersLike | HeadersRecord | null | undefined;

export const SIGNATURE_HEADER = "dealix-signature";

/** The signature header's text, or null where there is none. */
export function signatureHeader(headers: HeadersInput): string | null {
  if (typeof headers === "string") return headers;
  if (typeof headers !== "object" || headers === null) return null;
  if (Array.isArray(headers)) return text(headers);
  if (isHeadersLike(headers)) return text(headers.get(SIGNATURE_HEADER));
  const record = headers as HeadersRecord;
  const name = SIGNATURE_HEADER in record ? SIGNATURE_HEADER : Object.keys(record).find(isSignatureHeader);
  return name === undefined ? null : text(record[name]);
}

/** The names of the headers that are there, for an error: at most 50, each cut at 64 characters. */
export function headerNames(headers: HeadersInput): string[] {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) return [];
  const keys = "keys" in headers && typeof headers.keys === "function" ? (headers.keys as () => Iterable<unknown>)() : Object.keys(headers);
  const names: string[] = [];
  for (const name of keys) {
    if (names.length === 50) break;
    names.push(String(name).slice(0, 64));
  }
  return names;
}

function isHeadersLike(headers: object): headers is HeadersLike {
  return "get" in headers && typeof headers.get === "function";
}

function isSignatureHeader(name: string): boolean {
  return name.toLowerCase() === SIGNATURE_HEADER;
}

/** Several headers of one name are joined as `Headers` and Node join them. */
function text(value: unknown): string | null {
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.length > 0 ? value.join(", ") : null;
}
