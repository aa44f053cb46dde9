// A body is described by a unit that is repeated and a tail, so that a long one is still short to print.
import { Buffer, byteLength, encode, foreign, sharedBytes } from "./platform.mjs";

const UNITS = ["x", "é", "€", "😀", "\ud800", "\udc00", "\ufeff", "\0", "\r\n", '{"a":1}'];
/** Of every length in UTF-8; pairs of surrogates most often, since a long text is cut between characters. */
const LONG_UNITS = ["x", "€", "😀", "😀", "😀", "\ud800"];
/** Around the blocks of SHA-256, with the time before the body or without, and around the buffer's length. */
const BORDERS = [0, 1, 36, 44, 45, 52, 53, 54, 55, 56, 63, 64, 65, 108, 117, 118, 119, 120, 127, 128, 199, 200];
const LONG_BORDERS = [65_535, 65_536, 65_537, 196_607, 196_608, 196_609, 393_216, 393_217];
const FIELDS = { id: "evt_1", type: "deal.won", customer_id: "c", timestamp: 1, api_version: "v1", data: {} };
const ODD_VALUES = [null, 1, 1.5, "", "é😀", [], {}, true, 1e300];

export function randomBody({ below, percent, one }) {
  if (percent(40)) return { lead: "", unit: "", count: 0, tail: randomEnvelope({ percent, one }) };
  const isLong = percent(3);
  const unit = one(isLong ? LONG_UNITS : UNITS);
  const size = isLong ? one(LONG_BORDERS) : percent(60) ? one(BORDERS) : below(3000);
  // By bytes, or by UTF-16 units: text is cut by these.
  const length = percent(50) ? byteLength(unit) : unit.length;
  const lead = percent(isLong ? 60 : 25) ? "a" : "";
  return {
    lead,
    unit,
    count: Math.floor(size / length),
    tail: percent(50) ? "" : one(["b", "\ud83d", "\ude00", "\n"]),
  };
}

function randomEnvelope({ percent, one }) {
  const envelope = { ...FIELDS };
  if (percent(50)) envelope[one(Object.keys(FIELDS))] = one([...ODD_VALUES, undefined]);
  const text = JSON.stringify(envelope);
  return percent(10) ? one([`\ufeff${text}`, `${text}\n`, text.slice(1), `[${text}]`]) : text;
}

/** A genuine event's bytes, as many as these or more, so that both arrive in as many chunks. */
export function rivalBytes({ length }) {
  return encode(JSON.stringify({ ...FIELDS, id: "evt_rival" }).padEnd(length));
}

export function textOf({ lead, unit, count, tail }) {
  return lead + unit.repeat(count) + tail;
}

/** The body as every form that the package accepts; `bytes` are its own, a Buffer where there is one. */
export const FORMS = {
  text: (_, text) => text,
  Uint8Array: (bytes) => new Uint8Array(bytes),
  Buffer: (bytes) => bytes,
  "Buffer in a pool": (bytes) => Buffer.from(bytes),
  "Uint8Array with offset": (bytes) => new Uint8Array(...padded(bytes, 5)),
  Uint8ClampedArray: (bytes) => new Uint8ClampedArray(bytes),
  "a subclass": (bytes) => new (class Bytes extends Uint8Array {})(bytes),
  "another realm": (bytes) => new foreign.Uint8Array(bytes),
  DataView: (bytes) => new DataView(...padded(bytes, 3)),
  "DataView of another realm": (bytes) => new foreign.DataView(...padded(bytes, 3)),
  Uint16Array: (bytes) => elements(Uint16Array, bytes),
  Float64Array: (bytes) => elements(Float64Array, bytes),
  ArrayBuffer: (bytes) => new Uint8Array(bytes).buffer,
  SharedArrayBuffer: (bytes) => shared(bytes).buffer,
  "Uint8Array on shared memory": (bytes) => shared(bytes),
  "resizable ArrayBuffer": (bytes) => resizable(bytes).buffer,
  "Uint8Array that follows its buffer": (bytes) => resizable(bytes),
};

/** A view's parameters, in a buffer that has other bytes before and after. */
function padded(bytes, before) {
  const buffer = new ArrayBuffer(before + bytes.length + 9);
  new Uint8Array(buffer).fill(0xaa).set(bytes, before);
  return [buffer, before, bytes.length];
}

/** Bytes that do not fill the last element stay bytes. */
function elements(Type, bytes) {
  const size = Type.BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0) return new Uint8Array(bytes);
  const [buffer] = padded(bytes, 8);
  return new Type(buffer.slice(0, 8 + bytes.length), 8);
}

function shared(bytes) {
  const view = sharedBytes(bytes.length);
  view.set(bytes);
  return view;
}

/** Made longer after the view was created. */
function resizable(bytes) {
  const buffer = new ArrayBuffer(0, { maxByteLength: bytes.length + 64 });
  const view = new Uint8Array(buffer);
  buffer.resize(bytes.length);
  view.set(bytes);
  return view;
}
