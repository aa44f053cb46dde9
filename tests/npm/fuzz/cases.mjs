// A case is plain data, so that it can be printed, and made smaller.
import { FORMS, randomBody } from "./bodies.mjs";
import { HEADER_FORMS, randomHeader } from "./headers.mjs";
import { chance } from "./random.mjs";

/** A `Webhook` is kept for each; their keys are several times as many as the module keeps. */
const RECEIVERS = Array.from({ length: 300 }, (_, number) => receiver(chance(number), number));
const TIMES = [0, 1, 9, 10, 1_700_000_000, 8_640_000_000_000, 2 ** 53 - 1];

function receiver({ below, one }, number) {
  const count = number === 0 ? 256 : one([1, 1, 1, 2, 2, 3, 5]);
  const secrets = Array.from({ length: count }, (_, index) => `whsec_${number}_${index}`);
  // Equal secrets, long ones, as long as a block, and such as are not ASCII.
  const odd = {
    1: "s".repeat(63),
    2: "s".repeat(64),
    3: "s".repeat(65),
    4: "é".repeat(32),
    5: "🔑",
    6: "s".repeat(65_536),
  };
  const kind = below(20);
  if (odd[kind]) secrets[below(count)] = odd[kind];
  if (kind === 7) secrets[count - 1] = secrets[0];
  return { secrets, maxAge: one([300, 300, 300, 0, 1, -1, 86_400, 2 ** 53 - 1, 1e300]) };
}

/** The case with this seed. */
export function caseOf(seed) {
  const random = chance(seed);
  const { percent, one, below } = random;
  const { secrets, maxAge } = percent(1) ? RECEIVERS[0] : one(RECEIVERS);
  const body = randomBody(random);
  const signedAt = percent(60) ? 1_700_000_000 + below(1000) : one(TIMES);
  return {
    secrets,
    maxAge,
    signedAt,
    now: clock(random, signedAt, maxAge),
    header: randomHeader(random, secrets),
    headerForm: one(Object.keys(HEADER_FORMS)),
    body,
    // A long text is passed in pieces, which must not cut a character.
    bodyForm: percent(body.count > 10_000 ? 75 : 40) ? "text" : one(Object.keys(FORMS)),
    signsFirst: percent(50),
    chunk: one([1, 7, 64, 4096, 65_536]),
    rival: randomRival(random, secrets),
  };
}

/** Another receiver, whose delivery arrives at the same time; now and then this one's secret signed it. */
function randomRival({ percent, one }, others) {
  const { secrets, maxAge } = one(RECEIVERS.slice(1));
  return { secrets, maxAge, signer: one(percent(60) ? secrets : others) };
}

/** Mostly within the window, or at one of its edges. */
function clock({ percent, one, below }, signedAt, maxAge) {
  if (percent(50)) return signedAt + (percent(50) ? 0 : below(300));
  if (percent(5)) return one([0, -1, -0.5, 2 ** 53 - 1, 1e15, -1e15]);
  const window = Math.min(Math.max(maxAge, 0), 1e15);
  return signedAt + one([-1, 1]) * window + one([-1, 0, 1]) + one([0, 0, 0.5, 0.999]);
}
