// Compares what the package says about a case with what the reference says.
import assert from "node:assert/strict";
import { FORMS, textOf } from "./bodies.mjs";
import { expectedOfCheck, expectedOfHeader, factsOf } from "./facts.mjs";
import { HEADER_FORMS, headerText } from "./headers.mjs";
import { mac, verdict } from "./reference.mjs";
import { chunkedRequest } from "./requests.mjs";

/** The latest time that a `Date` can have, in seconds. */
const LAST_DATE = 8.64e12;
/** More than any case has. */
const maxBodyBytes = 2 ** 22;

/**
 * A function that throws unless a copy of the package is right about a case, and returns the verdict's code. It keeps the
 * receivers that it creates.
 */
export function checker(webhooks) {
  const receivers = new Map();
  return async ({ secrets, maxAge, now, signedAt, ...input }) => {
    const text = textOf(input.body);
    const bytes = Buffer.from(text);
    const header = headerText(input.header, signedAt, bytes);
    const delivery = {
      secrets,
      maxAge,
      now,
      header,
      bytes,
      body: () => FORMS[input.bodyForm](Buffer.from(bytes), text),
      headers: () => HEADER_FORMS[input.headerForm](header),
      chunk: input.chunk,
      expected: verdict({ header, now, maxAge, secrets, body: bytes }),
    };
    checkVerdict(webhooks, delivery);
    const name = JSON.stringify([secrets, `${maxAge}`]);
    if (!receivers.has(name))
      receivers.set(name, new webhooks.Webhook(secrets, { maxAgeSeconds: maxAge, maxBodyBytes }));
    const webhook = receivers.get(name);
    const sign = () => checkSigning(webhooks, webhook, delivery, signedAt);
    // Whichever call comes first must reload the receiver's keys if they were replaced.
    if (input.signsFirst) sign();
    if (Math.abs(now) < LAST_DATE) await withClock(now, () => checkWebhook(webhooks, webhook, delivery));
    if (!input.signsFirst) sign();
    return expectedOfCheck(delivery.expected, bytes).error?.code ?? "valid";
  };
}

function checkVerdict({ verifySignature }, { secrets, maxAge, now, body, headers, expected }) {
  const result = verifySignature({
    secret: secrets.length === 1 ? secrets[0] : secrets,
    signatureHeader: headers(),
    body: body(),
    maxAgeSeconds: maxAge,
    now,
  });
  const { code, secretIndex = null } = expected;
  same("verifySignature", result, { valid: code === null, error: code, secretIndex });
}

function checkSigning({ signPayload }, webhook, { secrets, bytes, body }, timestamp) {
  const expected = `t=${timestamp},v1=${mac(secrets[0], timestamp, bytes)}`;
  same("signPayload", signPayload({ secret: secrets[0], body: body(), timestamp }), expected);
  same("sign", webhook.sign(body(), timestamp), expected);
}

async function checkWebhook({ WebhookVerificationError }, webhook, delivery) {
  const { body, headers, expected, bytes } = delivery;
  same("checkHeader", factsOf(webhook.checkHeader(headers())), expectedOfHeader(delivery));
  const checked = webhook.check(body(), headers());
  const { error } = checked;
  assert.ok(error === null || error instanceof WebhookVerificationError, "check: its error is of another class");
  const result = expectedOfCheck(expected, bytes);
  same("check", { ...checked, error: factsOf(error) }, result);
  const settled = await webhook.verifyRequest(chunkedRequest(delivery.header, bytes, delivery.chunk)).then(
    (event) => ({ event, error: null }),
    (error) => ({ event: null, error: factsOf(error) }),
  );
  same("verifyRequest", settled, { event: result.event, error: result.error });
}

/** Runs a function with this machine's clock at another time. */
async function withClock(seconds, run) {
  const { now } = Date;
  Date.now = () => Math.floor(seconds * 1000);
  try {
    await run();
  } finally {
    Date.now = now;
  }
}

function same(call, actual, expected) {
  try {
    assert.deepEqual(actual, expected);
  } catch {
    assert.fail(`${call}: ${shown(actual)} instead of ${shown(expected)}`);
  }
}

function shown(value) {
  const text = JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
