// What a client can do to a receiver, step by step, and the statuses it may get: null if nobody is left to see one.
import { delivery, wait } from "../support/http.mjs";
import { LIMITS } from "./limits.mjs";

const { maxBodyBytes } = LIMITS;
const OVER = Buffer.alloc(2 * maxBodyBytes, "x");
const HALF = Buffer.alloc(maxBodyBytes / 2, "x");
/** What makes the receiver's `onEvent` fail: at once, or after half a response. */
const failing = (type) => ({
  body: JSON.stringify({ id: "evt_1", type, customer_id: "c", timestamp: 1, api_version: "v1", data: {} }),
});

/** What a delivery needs of its headers. */
export function signed(options) {
  const { body, headers } = delivery(options);
  return { body: Buffer.from(body), headers: { "dealix-signature": headers["Dealix-Signature"] } };
}

const { headers } = signed();
const SIGNATURE = headers["dealix-signature"];

async function whole(client, { body, headers }, length, trailers) {
  client.start(headers, length);
  await client.write(body);
  client.end(trailers);
  return client.answer();
}

/** A large body with a header that no body can make right. */
function refused(signature) {
  return async (client) => {
    client.start(signature === undefined ? {} : { "dealix-signature": signature }, OVER.length);
    const status = await client.answer();
    await client.write(OVER);
    client.end();
    return status;
  };
}

/** A genuine delivery, which has to be taken whatever was before. */
export function genuine(client) {
  const one = signed();
  return whole(client, one, one.body.length);
}

/** Over the limit, whole: what stopped a server of HTTP/2. */
export const tooLarge = (client) => whole(client, { body: OVER, headers }, OVER.length);

/** Half a response, and then onEvent fails. */
export const brokenOff = (client) => whole(client, signed(failing("reply.received")));

export const EXCHANGES = {
  "a whole delivery": { run: genuine, answers: [204] },
  "a whole delivery without a length": { run: (client) => whole(client, signed()), answers: [204] },
  "another secret's": { run: (client) => whole(client, signed({ secret: "other" })), answers: [400] },
  "an event that fails": {
    run: (client) => whole(client, signed(failing("deal.lost"))),
    answers: [500],
  },
  "a stalled body": {
    async run(client) {
      client.start(headers, 1000);
      await client.write(HALF.subarray(0, 500));
      return client.answer();
    },
    answers: [408],
  },
  "a body that never begins": {
    run(client) {
      client.start(headers);
      return client.answer();
    },
    answers: [408],
  },
  "a dripping body": {
    async run(client) {
      client.start(headers, 1000);
      let isAnswered = false;
      const answer = client.answer().finally(() => (isAnswered = true));
      for (let sent = 0; sent < 100 && !isAnswered; sent += 1) {
        await client.write(HALF.subarray(0, 1));
        await wait(50);
      }
      return answer;
    },
    answers: [408],
  },
  "over the limit, whole": { run: tooLarge, answers: [413] },
  "over the limit, whole, without a length": {
    run: (client) => whole(client, { body: OVER, headers }),
    answers: [413],
  },
  "over the limit, whole, with trailers": {
    run: (client) => whole(client, { body: OVER, headers }, undefined, { "x-trailer": "1" }),
    answers: [413],
  },
  "over the limit by its length alone": {
    run(client) {
      client.start(headers, 10 * maxBodyBytes);
      return client.answer();
    },
    answers: [413],
  },
  "over the limit, and not to its end": {
    async run(client) {
      client.start(headers);
      await client.write(OVER);
      return client.answer();
    },
    answers: [413],
  },
  "aborted half-way": {
    async run(client) {
      client.start(headers, 1000);
      await client.write(HALF.subarray(0, 500));
      await wait(30);
      client.abort();
      return client.answer();
    },
    answers: [null],
  },
  "reset right after the head": {
    run(client) {
      client.start(headers, 1000);
      client.abort();
      return client.answer();
    },
    answers: [null],
  },
  "reset right after a whole delivery": {
    async run(client) {
      const { body, headers } = signed();
      client.start(headers, body.length);
      await client.write(body);
      client.end();
      client.abort();
      return client.answer();
    },
    answers: [null, 204],
  },
  "reset while it is refused": {
    async run(client) {
      client.start({}, OVER.length);
      await client.write(OVER.subarray(0, 100));
      client.abort();
      return client.answer();
    },
    answers: [null, 400],
  },
  "reset while it is over the limit": {
    async run(client) {
      client.start(headers);
      await client.write(OVER);
      client.abort();
      return client.answer();
    },
    answers: [null, 413],
  },
  trailers: { run: (client) => whole(client, signed(), undefined, { "x-trailer": "1" }), answers: [204] },
  "Expect: 100-continue": {
    run(client) {
      const { body, headers } = signed();
      return whole(client, { body, headers: { ...headers, expect: "100-continue" } }, body.length);
    },
    answers: [204],
  },
  "no header, and a large body": { run: refused(undefined), answers: [400] },
  "a stale header, and a large body": { run: refused(SIGNATURE.replace(/t=\d+/, "t=1")), answers: [400] },
  "a malformed header, and a large body": { run: refused("v1"), answers: [400] },
  "no header, and a body that stalls": {
    async run(client) {
      client.start({}, 1000);
      await client.write(HALF.subarray(0, 500));
      return client.answer();
    },
    answers: [400],
  },
  "a body that is sent after the answer, and the next delivery": {
    async run(client) {
      client.start({}, 1000);
      const status = await client.answer();
      await client.write(Buffer.alloc(1000));
      client.end();
      if (!client.isReusable || status !== 400) return status;
      return genuine(client);
    },
    // The second, if the connection serves only one delivery.
    answers: [204, 400],
  },
};
