// What a delivery becomes when it is sent to another receiver.
import type { Delivery, Header } from "../deliver.js";
import { isMark } from "./loop.js";

/** These belong to one connection, or are set again for the next. */
const NOT_PASSED_ON = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const SIGNATURE = "dealix-signature";

/** Headers from Node's flat list of names and values. */
export function headerPairs(rawHeaders: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return headers;
}

/** The headers to keep in a file, and to send from there: those to pass on, and no trace of who forwarded them. */
export function recordable(headers: readonly Header[]): Header[] {
  return passedOn(headers).filter(([name]) => !isMark(name));
}

/** The headers to pass on: as they came, without those of the connection. */
export function passedOn(headers: readonly Header[]): Header[] {
  // A Connection header names further headers that belong to it.
  const named = headers.filter(([name]) => isCalled(name, "connection")).flatMap(([, value]) => value.split(","));
  const dropped = new Set(named.map((name) => name.trim().toLowerCase()).filter((name) => name !== SIGNATURE));
  return headers.filter(([name]) => !NOT_PASSED_ON.has(name.toLowerCase()) && !dropped.has(name.toLowerCase()));
}

/** The delivery with this signature in place of its own. */
export function signedWith(signature: string, delivery: Delivery): Delivery {
  const at = delivery.headers.findIndex(([name]) => isCalled(name, SIGNATURE));
  const headers = delivery.headers.filter(([name]) => !isCalled(name, SIGNATURE));
  headers.splice(at === -1 ? headers.length : at, 0, ["Dealix-Signature", signature]);
  return { ...delivery, headers };
}

function isCalled(name: string, lowerCase: string): boolean {
  return name.toLowerCase() === lowerCase;
}
