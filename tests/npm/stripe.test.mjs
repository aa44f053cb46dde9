// The scheme is Stripe's: its SDK and this package read each other's signatures.
import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { signPayload, verifySignature, Webhook } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";

const { webhooks } = new Stripe("sk_test_none");
const secret = "whsec_stripe";
const bodies = [
  serializeEnvelope(makeEvent({ type: "deal.won", data: { name: "شركة 😀" } })),
  '{"name":"شركة 😀"}',
  `{"long":"${"x".repeat(200_000)}"}`,
];

test("stripe reads our signatures", () => {
  for (const body of bodies)
    assert.deepEqual(webhooks.constructEvent(body, new Webhook(secret).sign(body), secret), JSON.parse(body));
});

test("stripe refuses what we refuse", () => {
  const header = signPayload({ secret, body: bodies[0] });
  assert.throws(() => webhooks.constructEvent(`${bodies[0]} `, header, secret), {
    type: "StripeSignatureVerificationError",
  });
  assert.throws(() =>
    webhooks.constructEvent(bodies[0], signPayload({ secret, body: bodies[0], timestamp: 5 }), secret),
  );
});

test("we read stripe's signatures", () => {
  for (const payload of bodies) {
    const signatureHeader = webhooks.generateTestHeaderString({ payload, secret });
    assert.equal(verifySignature({ secret, signatureHeader, body: payload }).valid, true);
    assert.equal(verifySignature({ secret, signatureHeader, body: Buffer.from(payload) }).valid, true);
    assert.equal(verifySignature({ secret: "other", signatureHeader, body: payload }).error, "signature_mismatch");
  }
});
