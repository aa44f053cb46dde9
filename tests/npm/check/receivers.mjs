// Receivers written by hand, as in a language without this package: a right one, and one for each planted fault.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

/** The steps of the right receiver. A fault replaces one of them. */
const RIGHT = {
  maxBytes: 1024 * 1024,
  onRequest: () => {},
  /** What is signed. */
  content: (bytes) => bytes,
  isFresh: (time) => Math.abs(Date.now() / 1000 - time) <= 301,
  candidates: (signatures) => signatures,
  isEqual: (one, other) => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other)),
  message: (time, content) => Buffer.concat([Buffer.from(`${time}.`), content]),
  /** The answer to a request that could not be read. */
  onError: () => 400,
  refusal: () => "",
  refusalHeaders: () => ({}),
};

/** What a header that cannot be read, or compared, makes fail. */
const UNREADABLE = [
  ...["no-header", "empty-header", "garbage", "no-t", "bad-t", "huge-t", "no-v1", "v0-only"],
  ...["non-ascii", "other-provider"],
];

/** Each fault, and exactly the checks that fail for it. */
export const FAULTS = {
  none: { fails: [] },
  "parses the body and writes it again": {
    content: (bytes) => Buffer.from(JSON.stringify(JSON.parse(bytes))),
    fails: ["escaped", "spelling", "final-newline", "added-space"],
  },
  "does not check the time": { isFresh: () => true, fails: ["stale"], notes: ["future", "milliseconds"] },
  "compares only the first v1": { candidates: ([first]) => [first], fails: ["second-v1"] },
  "accepts what makes it throw": { onError: () => 200, fails: UNREADABLE },
  "answers 500 to what makes it throw": { onError: () => 500, fails: UNREADABLE },
  "trims the body": {
    content: (bytes) => Buffer.from(bytes.toString("latin1").trim(), "latin1"),
    fails: ["final-newline"],
  },
  "reads the body as ASCII": { content: (bytes) => Buffer.from(bytes.toString("ascii")), fails: ["arabic", "slow"] },
  "joins the chunks as text": { joins: true, fails: ["slow"] },
  "compares a prefix": {
    isEqual: (one, other) => other.startsWith(one),
    fails: ["empty-v1", "short-v1", "two-forged"],
  },
  "tells the signature that it expected": {
    refusal: (right) => `expected ${right}`,
    fails: [
      ...["forged", "wrong-secret", "added-space", "changed-value", "emptied", "new-time", "body-only"],
      ...["empty-v1", "short-v1", "two-forged", "upper-case"],
    ],
  },
  "tells the signature in a header": {
    refusalHeaders: (right) => ({ "X-Reason": `expected ${right}` }),
    fails: [
      ...["forged", "wrong-secret", "added-space", "changed-value", "emptied", "new-time", "body-only"],
      ...["empty-v1", "short-v1", "two-forged", "upper-case"],
    ],
  },
  "has no limit": { maxBytes: Infinity, fails: [], notes: ["oversized"] },
  "crashes on a header without t": {
    onRequest: ({ headers }, server) =>
      headers["dealix-signature"]?.startsWith("v1=") && server.closeAllConnections(server.close()),
    fails: ["no-t", "bad-t"],
  },
};

export function receiver(secret, fault) {
  const steps = { ...RIGHT, ...fault };
  const server = createServer((request, response) => {
    steps.onRequest(request, server);
    let text = "";
    let length = 0;
    const chunks = [];
    request.on("data", (chunk) => {
      length += chunk.length;
      if (length > steps.maxBytes) return;
      chunks.push(chunk);
      if (steps.joins) text += chunk;
    });
    request.on("end", () => {
      if (request.method !== "POST") return answer(response, 405);
      if (length > steps.maxBytes) return answer(response, 413);
      const bytes = steps.joins ? Buffer.from(text) : Buffer.concat(chunks);
      const { status, words, headers } = verdict(secret, steps, request.headers["dealix-signature"], bytes);
      answer(response, status, words, headers);
    });
  });
  return server;
}

function answer(response, status, words = "", headers = {}) {
  response.writeHead(status, headers).end(words);
}

function verdict(secret, steps, header, bytes) {
  try {
    const { time, signatures } = parse(header);
    if (!steps.isFresh(time)) return { status: 400 };
    const right = createHmac("sha256", secret)
      .update(steps.message(time, steps.content(bytes)))
      .digest("hex");
    const isGenuine = steps.candidates(signatures).some((signature) => steps.isEqual(signature, right));
    if (!isGenuine) return { status: 400, words: steps.refusal(right), headers: steps.refusalHeaders(right) };
  } catch {
    return { status: steps.onError() };
  }
  try {
    return { status: typeof JSON.parse(bytes).id === "string" ? 204 : 400 };
  } catch {
    return { status: 400 };
  }
}

function parse(header) {
  const parts = header.split(",").map((part) => part.split("="));
  const values = (name) => parts.filter(([key]) => key === name).map(([, value]) => value);
  const [time] = values("t");
  if (!/^\d{1,16}$/.test(time)) throw new Error("no time");
  const signatures = values("v1");
  if (signatures.length === 0) throw new Error("no v1");
  return { time, signatures };
}
