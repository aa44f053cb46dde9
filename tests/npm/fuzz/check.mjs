// Compares what the package says about a case with what the reference says.
import { FORMS, rivalBytes, textOf } from "./bodies.mjs";
import { expectedOfCheck, expectedOfHeader, factsOf } from "./facts.mjs";
import { HEADER_FORMS, headerText } from "./headers.mjs";
import { Buffer, encode } from "./platform.mjs";
import { mac, verdict } from "./reference.mjs";
import { chunkedRequest } from "./requests.mjs";
import { same, withClock } from "./support.mjs";

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
  const receiverOf = ({ secrets, maxAge }) => {
    const name = JSON.stringify([secrets, `${maxAge}`]);
    if (!receivers.has(name))
      receivers.set(name, new webhooks.Webhook(secrets, { maxAgeSeconds: maxAge, maxBodyBytes }));
    return receivers.get(name);
  };
  return async (kase) => {
    const { now, signedAt, rival } = kase;
    const delivery = deliveryOf(kase);
    checkVerdict(webhooks, delivery);
    // The same secret with another window, at once: the package keeps its latest receiver.
    if (rival !== null) checkVerdict(webhooks, judged({ ...delivery, maxAge: rival.maxAge }));
    const webhook = receiverOf(kase);
    const sign = () => checkSigning(webhooks, webhook, delivery, signedAt);
    // Whichever call comes first must reload the receiver's keys if they were replaced.
    if (kase.signsFirst) sign();
    if (Math.abs(now) < LAST_DATE) {
      await withClock(now, async () => {
        checkWebhook(webhooks, webhook, delivery);
        const arriving = [checkRequest(webhook, delivery, "verifyRequest")];
        if (rival !== null)
          arriving.push(checkRequest(receiverOf(rival), rivalDelivery(kase, delivery), "verifyRequest of the rival"));
        await Promise.all(arriving);
      });
    }
    if (!kase.signsFirst) sign();
    return expectedOfCheck(delivery.expected, delivery.bytes).error?.code ?? "valid";
  };
}

function deliveryOf({ secrets, maxAge, now, signedAt, ...input }) {
  const text = textOf(input.body);
  const bytes = encode(text);
  const header = headerText(input.header, signedAt, bytes);
  return judged({
    secrets,
    maxAge,
    now,
    header,
    bytes,
    body: () => FORMS[input.bodyForm](Buffer.from(bytes), text),
    headers: () => HEADER_FORMS[input.headerForm](header),
    chunk: input.chunk,
  });
}

function judged(delivery) {
  return { ...delivery, expected: verdict({ ...delivery, body: delivery.bytes }) };
}

function rivalDelivery({ now, signedAt, chunk, rival: { secrets, maxAge, signer } }, delivery) {
  const bytes = rivalBytes(delivery.bytes);
  const header = `t=${signedAt},v1=${mac(signer, signedAt, bytes)}`;
  return judged({ header, now, maxAge, secrets, bytes, chunk });
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

function checkWebhook({ WebhookVerificationError }, webhook, delivery) {
  const { body, headers, expected, bytes } = delivery;
  same("checkHeader", factsOf(webhook.checkHeader(headers())), expectedOfHeader(delivery));
  const checked = webhook.check(body(), headers());
  const { error } = checked;
  if (error !== null && !(error instanceof WebhookVerificationError))
    throw new Error("check: its error is of another class");
  same("check", { ...checked, error: factsOf(error) }, expectedOfCheck(expected, bytes));
}

async function checkRequest(webhook, { header, bytes, chunk, expected }, call) {
  const settled = await webhook.verifyRequest(chunkedRequest(header, bytes, chunk)).then(
    (event) => ({ event, error: null }),
    (error) => ({ event: null, error: factsOf(error) }),
  );
  const { event, error } = expectedOfCheck(expected, bytes);
  same(call, settled, { event, error });
}
