// What a response, or the lack of one, says about the receiver, one line each.
import type { Failure, Received } from "./exchange.js";
import { COMMAND } from "./output.js";

const STATUSES: Record<number, string> = {
  400:
    "The receiver refused it: its secret is different, or it verifies a body that was parsed and written again. " +
    `To find out, run \`${COMMAND} listen --forward-to <this address>\` and send to it instead, ` +
    `or \`${COMMAND} explain\` on what arrived.`,
  401: "Something in front of the receiver asks for a login: let this path through without one.",
  403: "Something in front of the receiver refused it, such as a firewall or a CSRF check: let this path through.",
  404: "There is no such route: compare the path of --to with the receiver's, down to the last slash.",
  405: "There is a route, but not for POST: let the receiver accept POST on this path.",
  408: "The receiver waited for the body, which never came: most likely a parser or a proxy had already read it.",
  410: "Dealix disables an endpoint that responds with this status.",
  413: "The body is longer than the receiver, its parser or a proxy in front of it allows: raise that limit.",
  415:
    "The receiver or its parser does not accept this content type or encoding: " +
    "make it accept uncompressed application/json.",
  429: "The receiver or a proxy limits how many requests it accepts: Dealix tries again later.",
  502: "A proxy responded, but the receiver behind it did not: is it running, and on the port that the proxy expects?",
  503: "The receiver is busy or not running, or is already working on this event: Dealix tries again.",
  504: "A proxy responded, but the receiver behind it was too slow: respond 2xx first, and do the work afterwards.",
};

/** Whether a response can have this status: below 200 it would be interim, and over 599 there are none. */
export function isFinal(status: number): boolean {
  return status >= 200 && status <= 599;
}

/** Follows the status of a response that is shown. */
export function ending({ brokeOff }: Pick<Received, "brokeOff">): string {
  return brokeOff ? ", but the response broke off" : "";
}

/** What to do about a response; null if it is a 2xx. */
function statusAdvice(status: number, location: string | undefined): string | null {
  if (status >= 200 && status < 300) return null;
  const known = STATUSES[status];
  if (known !== undefined) return known;
  if (!isFinal(status)) return "This is not the status of an HTTP response: respond with one from 200 to 599.";
  if (status < 400) {
    const target = location === undefined ? "" : `, ${location}`;
    return `Dealix does not follow redirects: use the address that it leads to${target}.`;
  }
  if (status < 500) return "Dealix counts this as a refusal, and does not try again.";
  return "The receiver failed, and its log says why: often a body parser runs before the handler. Dealix tries again.";
}

const FAILURES: readonly (readonly [code: RegExp, advice: string])[] = [
  [/^ECONNREFUSED$/, "Nothing listens there: is the receiver running, and is this its port?"],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "No address is known for this host name: is it spelt right?"],
  [
    /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
    "This host cannot be reached from here: is it the right address, and is the network up?",
  ],
  [/TIMEOUT|^ETIMEDOUT$/, "Dealix waits no longer than 10 s: respond 2xx first, and do the work afterwards."],
  [
    /CERT|SELF_SIGNED|VERIFY_LEAF|^ERR_TLS/,
    "Dealix would not trust the certificate: is it for this host name, not expired, and complete with its chain?",
  ],
  [
    /^EPROTO$|SSL|^HPE_/,
    "The two sides speak different protocols: http:// in place of https://, or the other way round?",
  ],
  [
    /^bad port$/,
    "Like browsers, this command sends nothing to that port: let the receiver listen on another, such as 3000.",
  ],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/,
    "The connection was closed without a response: the receiver crashed, or expects https although --to says http.",
  ],
];

/** What to do about the lack of a response. */
function failureAdvice(code: string): string {
  return FAILURES.find(([codes]) => codes.test(code))?.[1] ?? "The request could not be made.";
}

/** What to do about a response or the lack of one; null if it is a 2xx. */
export function adviceOn(response: Received | Failure): string | null {
  if ("code" in response) return failureAdvice(response.code);
  return statusAdvice(response.status, response.headers["location"]);
}
