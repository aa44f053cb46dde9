// A header is described by its parts; where a MAC belongs there is its secret, so that a shorter body has a genuine one too.
import { byteLength } from "./platform.mjs";
import { mac } from "./reference.mjs";

/** How a MAC is damaged, or not at all. */
const MACS = {
  genuine: (hex) => hex,
  "upper case": (hex) => hex.toUpperCase(),
  "one digit in upper case": (hex) => hex.replace(/[a-f]/, (digit) => digit.toUpperCase()),
  "too short": (hex) => hex.slice(0, -1),
  "too long": (hex) => `${hex}0`,
  "space before": (hex) => ` ${hex}`,
  "space after": (hex) => `${hex} `,
  "first digit": (hex) => flipped(hex, 0),
  "last digit": (hex) => flipped(hex, 63),
  "a digit": (hex) => flipped(hex, Number.parseInt(hex.slice(0, 2), 16) % 64),
  "a look-alike": (hex) => hex.replace(/[ace]/, (digit) => ({ a: "а", c: "с", e: "е" })[digit]),
  "NUL at the end": (hex) => `${hex.slice(0, -1)}\0`,
  "twice in one": (hex) => `${hex}=${hex}`,
  reversed: (hex) => [...hex].reverse().join(""),
};

const TIMES = ["", "0", "00", "-0", "-1", "+1", " 1", "1 ", "1.0", "1e9", "0x1", "١", "1\0", "9".repeat(16)];
const EDGES = ["9007199254740990", "9007199254740991", "9007199254740992", "9007199254740993", "1".padEnd(17, "0")];
const PARTS = ["", "=", "t", "v1", "v1=", "v1==", "v2=x", "V1=x", "T=1", "v1 =x", " v1=x", "é", "\ud800", "\0", "x=,y"];
const PIECES = [",", "=", "t=", "v1=", "v0=", " ", "0", "9", "\0", "é", "😀", "\ud800", "\n", ",,", "t=1"];

export function randomHeader(random, secrets) {
  const { percent, one, below, shuffled } = random;
  if (percent(1)) return null;
  const secret = () => (percent(85) ? one(secrets) : "another secret");
  let parts = [{ time: true }, { secret: secret() }];
  if (percent(65)) for (let changes = 1 + below(3); changes > 0; changes -= 1) parts = changed(random, parts, secret);
  if (percent(15)) parts = shuffled(parts);
  const edits = percent(10) ? Array.from({ length: 1 + below(3) }, () => randomEdit(random)) : [];
  const pad = percent(4) ? { to: one([8191, 8192, 8193, 20_000]), filler: one(["a", "é", "€", "😀", "\ud800"]) } : null;
  return { parts, separator: percent(97) ? "," : one([", ", ";", "", "\n"]), edits, pad };
}

function changed({ percent, one, below }, parts, secret) {
  const at = below(parts.length + 1);
  const withPart = (part) => parts.toSpliced(at, 0, part);
  const kind = below(8);
  if (kind === 0) return parts.toSpliced(at, 1);
  if (kind === 1) return withPart(one(PARTS));
  if (kind === 2) return withPart(percent(50) ? { time: true } : `t=${one([...TIMES, ...EDGES])}`);
  if (kind === 3) return [...parts.filter(({ time }) => !time), `t=${one([...TIMES, ...EDGES])}`];
  if (kind === 4) return [...parts.filter(({ time }) => !time), { time: true, before: one(["0", "00", " ", "+"]) }];
  if (kind === 5) return withPart({ secret: secret(), key: one(["v0", "v1", "v1", "v2"]) });
  if (kind === 6) return parts.toSpliced(at, 1, { secret: secret(), damage: one(Object.keys(MACS)) });
  const many = Array.from({ length: one([2, 3, 20, 100]) }, () => `v1=${"0".repeat(64)}`);
  return parts.toSpliced(at, 0, ...many);
}

function randomEdit({ below, one, percent }) {
  return { at: below(200), remove: below(3), insert: percent(70) ? one(PIECES) : "" };
}

/** The header's text; `signedAt` is the time of its genuine MACs, and `body` are the bytes. */
export function headerText(header, signedAt, body) {
  if (header === null) return null;
  const { parts, separator, edits, pad } = header;
  let text = parts.map((part) => partText(part, signedAt, body)).join(separator);
  for (const { at, remove, insert } of edits) {
    const from = at % (text.length + 1);
    text = text.slice(0, from) + insert + text.slice(from + remove);
  }
  return pad === null ? text : padded(text, pad);
}

function partText(part, signedAt, body) {
  if (typeof part === "string") return part;
  if (part.time) return `t=${part.before ?? ""}${signedAt}`;
  return `${part.key ?? "v1"}=${MACS[part.damage ?? "genuine"](mac(part.secret, signedAt, body))}`;
}

/** Exactly as many bytes, or one to three fewer and then a letter for each. */
function padded(text, { to, filler }) {
  const room = to - byteLength(text) - ",x=".length;
  if (room < 0) return text;
  const fillers = filler.repeat(Math.floor(room / byteLength(filler)));
  return `${text},x=${fillers}${"a".repeat(room % byteLength(filler))}`;
}

function flipped(hex, at) {
  return hex.slice(0, at) + (Number.parseInt(hex[at], 16) ^ 1).toString(16) + hex.slice(at + 1);
}

/** The forms in which a receiver may have the headers. */
export const HEADER_FORMS = {
  text: (header) => header,
  "an object": (header) => ({ host: "x", "dealix-signature": header ?? undefined }),
  "an object, in the wire's case": (header) => ({ "Dealix-Signature": header ?? undefined }),
  "an object of lists": (header) => ({ "DEALIX-SIGNATURE": header === null ? [] : [header] }),
  "an object with get": (header) => ({ get: (name) => (name === "dealix-signature" ? header : null) }),
};
