/** A `Headers` object, or anything with the same `get`. `keys` supplies the header names for an error. */
export interface HeadersLike {
  get(name: string): string | null | undefined;
  keys?(): Iterable<string>;
}

/**
 * A plain object of headers, their names in any case, as Node (`req.headers`, `headersDistinct`) and Lambda provide
 * them.
 */
export type HeadersRecord = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The request's headers, or the text of its `Dealix-Signature` header. */
export type HeadersInput = string | readonly string[] | HeadersLike | HeadersRecord | null | undefined;

/** The signature header's text, or null if there is none. */
export function signatureHeader(headers: HeadersInput): string | null {
  return headerText(headers, "dealix-signature") ?? text(headers);
}

/** A header's text by its lower-case name, or null if there is none or if only the signature header was passed. */
export function headerText(headers: HeadersInput, name: string): string | null {
  return isCollection(headers) ? lookUp(headers, name) : null;
}

/** Whether the headers say that the request has no body (RFC 9112 section 6). */
export function announceNoBody(headers: HeadersRecord): boolean {
  const length = lookUp(headers, "content-length");
  return (length === null || length === "0") && lookUp(headers, "transfer-encoding") === null;
}

/** Whether the headers name a content type that no Dealix delivery has. */
export function hasOtherType(headers: HeadersInput): boolean {
  const type = headerText(headers, "content-type");
  return type !== null && !/^\s*application\/json\s*(;|$)/i.test(type);
}

/**
 * What the body is compressed with, such as `gzip`; null if the headers do not say. Implausible text becomes `unknown`.
 */
export function contentEncoding(headers: HeadersInput): string | null {
  const text = headerText(headers, "content-encoding")?.trim().toLowerCase() ?? "";
  if (text === "" || text === "identity") return null;
  return /^[\w ,.-]{1,40}$/.test(text) ? text : "unknown";
}

/** The names of the headers, for an error: at most 50 by default, each cut at 64 characters. */
export function headerNames(headers: HeadersInput, most = 50): string[] {
  if (!isCollection(headers)) return [];
  const names: Iterable<unknown> =
    isHeadersLike(headers) && typeof headers.keys === "function" ? headers.keys() : Object.keys(headers);
  return [...names].slice(0, most).map((name) => String(name).slice(0, 64));
}

function isCollection(headers: HeadersInput): headers is HeadersLike | HeadersRecord {
  return typeof headers === "object" && headers !== null && !Array.isArray(headers);
}

function lookUp(headers: HeadersLike | HeadersRecord, name: string): string | null {
  if (isHeadersLike(headers)) return text(headers.get(name));
  const isNamed = (key: string) => key.length === name.length && key.toLowerCase() === name;
  const key = Object.hasOwn(headers, name) ? name : Object.keys(headers).find(isNamed);
  return key === undefined ? null : text(headers[key]);
}

function isHeadersLike(headers: HeadersLike | HeadersRecord): headers is HeadersLike {
  return typeof headers["get"] === "function";
}

/** Several headers with one name are joined as `Headers` and Node join them. */
function text(value: unknown): string | null {
  if (typeof value === "string") return value;
  const isList = Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
  return isList ? value.join(", ") : null;
}
