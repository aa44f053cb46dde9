// Prints how the times of two classes of verifications compare, in this runtime. Both classes are prepared by the same code,
// before any of them is timed, and come in random order.
import { randomBytes } from "node:crypto";
import process from "node:process";
import { signPayload, verifySignature, Webhook } from "@dealix/webhooks";
import binaryen from "binaryen";
import { largestT } from "./welch.mjs";

const measurements = Number(process.argv[2]);
/** Fewer than the keys that the module holds. */
const BATCH = 200;
/** Calls before the first that counts, in which the engine compiles what it will run. */
const WARM_UP = 20_000;
const NOW = 1_700_000_000;
const SECRET = `whsec_${"0123456789abcdef".repeat(2)}`;
const DIGITS = 64;
/** As many signatures as a header of 8 KiB holds, nearly. */
const MANY = 100;

const HEX = Buffer.from("0123456789abcdef");
/** Which digits are wrong: 1, or 0. Numbers, so that each class is prepared by the same steps. */
const FIRST = digitsWhere((at) => at === 0);
const LAST = digitsWhere((at) => at === DIGITS - 1);
const ALL = digitsWhere(() => true);

/** Control: equality of the memory's first 64 bytes and the next, which ends at the first difference. */
const EARLY_EXIT = `(module
  (memory (export "memory") 1)
  (func (export "equal") (result i32)
    (local $at i32)
    (loop $next
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.load8_u offset=64 (local.get $at))) (then (return (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 64))))
    (i32.const 1)))`;

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binaryen.parseText(EARLY_EXIT).emitBinary()));
const compared = Buffer.from(exports.memory.buffer, 0, 2 * DIGITS);

const CASES = {
  "first digit or last": [(own) => forged([FIRST, LAST][own], 1), isAccepted],
  "first digit or last, 100 signatures": [(own) => forged([FIRST, LAST][own], MANY), isAccepted],
  "last digit or all": [(own) => forged([LAST, ALL][own], 1), isAccepted],
  "fixed secret or random": [genuine, ({ webhook, body, header }) => webhook.verify(body, header) !== null],
  control: [(own) => forged([FIRST, LAST][own], 1), isAcceptedWithEarlyExit, (own) => own.write()],
};

const rows = Object.entries(CASES).map(([name, [prepare, run, ready]]) => {
  measure(WARM_UP, prepare, run, ready);
  return { name, ...measure(measurements, prepare, run, ready) };
});
console.log(JSON.stringify(rows));

function measure(count, prepare, run, ready = () => {}) {
  const times = new Float64Array(count);
  const classes = new Uint8Array(count);
  for (let from = 0; from < count; from += BATCH) {
    const coins = randomBytes(BATCH);
    const batch = Array.from(coins, (coin) => prepare(coin & 1));
    for (let index = 0; index < BATCH; index += 1) {
      const delivery = batch[index];
      ready(delivery);
      const start = performance.now();
      run(delivery);
      times[from + index] = (performance.now() - start) * 1e6;
      classes[from + index] = coins[index] & 1;
    }
  }
  return largestT(times, classes);
}

/** A delivery whose signatures are the expected one but for the digits that are `wrong`. */
function forged(wrong, signatures) {
  const body = randomBytes(64);
  const [start, expected] = signPayload({ secret: SECRET, body, timestamp: NOW }).split(",v1=");
  const digits = Buffer.from(expected, "latin1");
  const others = otherDigits(digits);
  for (let at = 0; at < DIGITS; at += 1) digits[at] += wrong[at] * (others[at] - digits[at]);
  const write = () => compared.write(expected + digits, "latin1");
  return { body, header: flat(start + `,v1=${digits}`.repeat(signatures)), write };
}

/** The last digits of the fixed secret are random too: a key that is used each time would be in the processor's cache. */
function genuine(isRandom) {
  const random = randomBytes(16).toString("hex");
  // Both for each class, for the same garbage.
  const secrets = [SECRET.slice(0, -8) + random.slice(-8), `whsec_${random}`].map(flat);
  const secret = secrets[isRandom];
  const id = `evt_${randomBytes(12).toString("hex")}`;
  const body = `{"id":"${id}","type":"a.b","customer_id":"c","timestamp":1700000000,"api_version":"v1","data":{}}`;
  const header = flat(signPayload({ secret, body, timestamp: NOW }));
  return { webhook: new Webhook(secret, { maxAgeSeconds: Number.MAX_SAFE_INTEGER }), body: flat(body), header };
}

function isAccepted({ body, header }) {
  return verifySignature({ secret: SECRET, signatureHeader: header, body, now: NOW }).valid;
}

function isAcceptedWithEarlyExit(delivery) {
  return isAccepted(delivery) || exports.equal() === 1;
}

function digitsWhere(isWrong) {
  return Uint8Array.from({ length: DIGITS }, (_, at) => Number(isWrong(at)));
}

function otherDigits(digits) {
  const random = randomBytes(DIGITS);
  return digits.map((digit, at) => HEX[(HEX.indexOf(digit) + 1 + (random[at] % 15)) % 16]);
}

/** Text in one piece, as it comes from the network; what was concatenated is joined when it is first read. */
function flat(text) {
  return Buffer.from(text, "latin1").toString("latin1");
}
