// What is sent to a receiver under load, by kind.
import { signPayload } from "@dealix/webhooks";

export const SECRET = "whsec_under_load";
/** For a client that hangs up before there is a response. */
export const NO_RESPONSE = "no response";

const OVERSIZED = Buffer.alloc(2 * 1024 * 1024, "x");
const HOUR = 3600;

let number = 0;

/** Each way to forge, in turn. */
const FORGERIES = [
  (body) => ({ body, header: signPayload({ secret: "whsec_of_someone_else", body }) }),
  (body) => ({ body: body.replace("12500.5", "92500.5"), header: signed(body) }),
  (body) => ({ body, header: signed(body).replace(/^t=\d+/, `t=${now() + 1}`) }),
  (body) => ({ body, header: signed(body).replace(/[a-f]/g, (digit) => digit.toUpperCase()) }),
  (body) => ({ body, header: `t=${now()},v1=` }),
  (body) => ({ body }),
];

/**
 * For each kind: how many a second, the only status that it may get, and the header and the body. The three that occupy
 * or break their connection have one of their own.
 */
export const KINDS = {
  valid: { perSecond: 200, status: 204, make: (body) => ({ body, header: signed(body) }) },
  stale: { perSecond: 40, status: 400, make: (body) => ({ body, header: signed(body, now() - HOUR) }) },
  forged: { perSecond: 60, status: 400, make: (body) => FORGERIES[number % FORGERIES.length](body) },
  oversized: {
    perSecond: 2,
    status: 413,
    // Every other one does not say how long it is.
    make: (body) => ({ body: OVERSIZED, header: signed(body), isAlone: true, isChunked: number % 2 === 0 }),
  },
  slow: { perSecond: 3, status: 408, make: (body) => ({ body, header: signed(body), isAlone: true, isDripped: true }) },
  aborted: {
    perSecond: 20,
    status: NO_RESPONSE,
    make: (body) => ({ body, header: signed(body), isAlone: true, isAborted: true }),
  },
};

/** An event's id says what kind it is, so that what a receiver's handler prints shows which kinds it was given. */
export function deliveryOf(kind) {
  number += 1;
  const id = `evt_${kind}_${number}`;
  const data = { deal_id: `deal_${number}`, company: "شركة الأفق", amount: 12500.5, stage: "closed_won" };
  const envelope = { id, type: "deal.won", customer_id: "cus_1", timestamp: now(), api_version: "v1", data };
  return { id, ...KINDS[kind].make(JSON.stringify(envelope)) };
}

function signed(body, timestamp) {
  return signPayload({ secret: SECRET, body, timestamp });
}

function now() {
  return Math.floor(Date.now() / 1000);
}
