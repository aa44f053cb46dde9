// JSON that holds a request: a HAR file or an entry of one, an event of Lambda, an object of headers, explain's report.
import { fromBase64 } from "../core/bytes.js";
import { type Given, given, type Pasted, pasted, SIGNATURE } from "./given.js";

/** null if it is not JSON, or holds no request. */
export function readJsonText(text: string): Pasted | null {
  let json: any;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json.cause === "string" && typeof json.advice === "string") {
    const also: unknown = json.details?.also;
    const causes = [json.cause, ...(Array.isArray(also) ? also.map(String) : [])];
    return { ...pasted("report"), report: { causes, certain: json.certain === true } };
  }
  const entries: unknown = json.log?.entries;
  if (Array.isArray(entries)) return pasted("har", ...chosen(entries));
  // Firefox copies headers under a title.
  const request = [json.request, json, ...Object.values(json)].find((value) => Array.isArray(value?.headers));
  if (request !== undefined) return pasted("har", ofEntry(json.request === request ? json : { request }));
  if (isRecord(json.headers)) return pasted("request", ofEvent(json));
  const names = Object.keys(json).map((name) => name.toLowerCase());
  return names.includes(SIGNATURE) ? pasted("headers", given(listOf(json))) : null;
}

/** The signed ones of a recording, otherwise whatever has a body, otherwise all. */
function chosen(entries: readonly any[]): Given[] {
  const all = entries.filter((entry) => Array.isArray(entry?.request?.headers));
  const read = all.map(ofEntry);
  const signed = read.filter(({ signature }) => signature !== null);
  if (signed.length > 0) return signed;
  const posted = read.filter((_, index) => /^(POST|PUT)$/i.test(all[index].request.method));
  return posted.length > 0 ? posted : read;
}

function ofEntry({ request, startedDateTime, response }: any): Given {
  const listed: any[] = request.headers.filter(isRecord);
  const headers = listed.map(({ name, value }) => [String(name), String(value)] as const);
  const title = [
    [request.method, placeOf(String(request.url ?? ""))],
    [/T(\d\d:\d\d:\d\d)/.exec(String(startedDateTime))?.[1]],
    [response?.status],
  ];
  const parts = title.map((part) => part.filter(Boolean).join(" ")).filter((part) => part !== "");
  return { ...given(headers, bodyOf(request.postData), "no_body_in_entry"), title: parts.join(" · ") };
}

function bodyOf(postData: any): string | Uint8Array<ArrayBuffer> | null {
  if (typeof postData?.text !== "string") return null;
  return postData.encoding === "base64" ? fromBase64(postData.text) : postData.text;
}

/** Host and path; the rest may be long, and may be secret. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host + new URL(url).pathname : "";
}

function ofEvent({ headers, body, isBase64Encoded }: any): Given {
  if (isRecord(body) || Array.isArray(body)) return given(listOf(headers), null, "body_as_object");
  if (typeof body !== "string") return given(listOf(headers));
  return given(listOf(headers), isBase64Encoded === true ? fromBase64(body) : body);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(headers: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(headers).map(([name, value]) => [name, String(value)]);
}
