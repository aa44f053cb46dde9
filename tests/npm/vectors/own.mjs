// Cases that the reference has no vectors for, because it knows one secret and one `v1`, or that other languages get wrong.
import { mac } from "../fuzz/reference.mjs";

const NOW = 1_700_000_000;
const LAST = 2 ** 53 - 1;
const [OLD, NEW, OTHER] = ["whsec_old_4Jq", "whsec_new_8Zt", "whsec_other_2Kd"];
const BODY = Buffer.from('{"id":"evt_1","data":{"name":"شركة 😀"}}');
const HEADER_LIMIT = 8192;

const v1 = (secret, body = BODY, t = NOW) => `v1=${mac(secret, t, body)}`;
const header = (...parts) => [`t=${NOW}`, ...parts].join(",");
const padded = (length) => header(v1(NEW), "x=").padEnd(length, "y");

function signed(why, body, secret = NEW) {
  return { group: "bytes", why, secrets: [secret], body, header: header(v1(secret, body)) };
}

const ROTATION = [
  ["the second secret signed", [NEW, OLD], header(v1(OLD))],
  ["the sender signs with both secrets, the receiver has the new one", [NEW], header(v1(OLD), v1(NEW))],
  ["the sender signs with both secrets, the receiver has the old one", [OLD], header(v1(OLD), v1(NEW))],
  ["both sides have both: the first of the receiver's secrets counts", [NEW, OLD], header(v1(OLD), v1(NEW))],
  ["the same secret twice", [OLD, OLD], header(v1(OLD))],
  ["three signatures, the last one right", [NEW], header(v1(OLD), v1(OTHER), v1(NEW))],
  ["signed with a secret that was taken out", [NEW, OTHER], header(v1(OLD))],
  ["an empty v1 beside a right one", [NEW], header("v1=", v1(NEW))],
  ["the halves of two right signatures", [NEW, OLD], header(v1(NEW).slice(0, 35) + v1(OLD).slice(35))],
];

const HEADERS = [
  ["as long as a header may be: 8192 bytes", padded(HEADER_LIMIT)],
  ["a byte longer than a header may be", padded(HEADER_LIMIT + 1)],
  ["the MAC of the body alone, without the time", header(`v1=${mac(NEW, "", BODY)}`)],
  ["the MAC in base64", header(`v1=${Buffer.from(mac(NEW, NOW, BODY), "hex").toString("base64")}`)],
  ["a right MAC as v0 alone", header(v1(NEW).replace("v1", "v0"))],
  ["a right MAC as v2, and a wrong v1", header(v1(NEW).replace("v1", "v2"), v1(OTHER))],
  ["the time is another than the one that was signed", `t=${NOW + 1},${v1(NEW)}`],
  ["keys with the names of an object's own properties", header(v1(NEW), "__proto__=1", "constructor=2")],
].map(([why, text]) => ({ group: "header", why, secrets: [NEW], body: BODY, header: text }));

const BYTES = [
  signed("an empty body", Buffer.alloc(0)),
  signed("a byte-order mark belongs to the body", Buffer.from("\ufeff{}")),
  signed("CRLF at the end belongs to the body", Buffer.from("{}\r\n")),
  signed("bytes that are not UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x80, 0x7d])),
  signed("every byte there is", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))),
  signed("a secret outside ASCII, as its UTF-8 bytes", BODY, "whsec_مفتاح_🔑"),
  signed("a secret as long as a block of SHA-256", BODY, "k".repeat(64)),
  signed("a secret longer than a block, which HMAC hashes first", BODY, "k".repeat(65)),
  signed("a secret that looks like base64 is text all the same", BODY, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
];

const WINDOW = [
  [NOW + 300, 300, "the last second of the window"],
  [NOW + 301, 300, "a second too old"],
  [NOW - 300, 300, "a clock that is behind, the last second"],
  [NOW - 301, 300, "a clock that is a second too far behind"],
  [NOW, 0, "a window of 0 is the same second"],
  [NOW + 1, 0, "a window of 0 is not switched off"],
].map(([now, maxAge, why]) => ({ ...signed(why, BODY), group: "window", now, maxAge }));

const TIMES = [
  [LAST, LAST, "the last second that t may be"],
  ["9007199254740992", LAST, "t is past 2^53-1"],
  [0, 0, "the first second that t may be"],
].map(([t, now, why]) => ({
  group: "time",
  why,
  secrets: [NEW],
  body: BODY,
  now,
  header: `t=${t},${v1(NEW, BODY, t)}`,
}));

export const own = [
  ...ROTATION.map(([why, secrets, text]) => ({ group: "rotation", why, secrets, body: BODY, header: text })),
  ...HEADERS,
  ...BYTES,
  ...WINDOW,
  ...TIMES,
].map((vector, index) => ({ id: `own-${String(index + 1).padStart(3, "0")}`, now: NOW, maxAge: 300, ...vector }));
