import assert from "node:assert/strict";
import { chunked, eventText, SECRETS, sign, streaming } from "./deliveries.mjs";

export function bits({ Webhook, verifySignature, WebhookVerificationError }) {
  /** Fails unless each way to verify refuses a delivery. */
  async function assertRefused(secret, header, body, what) {
    const webhook = new Webhook(secret);
    assert.equal(verifySignature({ secret, signatureHeader: header, body }).valid, false, `verifySignature: ${what}`);
    assert.equal(webhook.check(body, header).valid, false, `check: ${what}`);
    const request = streaming(
      header,
      chunked(body, 4).map((chunk) => () => chunk),
    );
    await assert.rejects(webhook.verifyRequest(request), WebhookVerificationError, `verifyRequest: ${what}`);
  }

  return {
    "any one bit changed in body, header or secret is refused": async (t) => {
      const [secret, body] = [SECRETS[0], eventText("evt_1")];
      const header = sign(secret, body);
      // A changed secret may end with a quote.
      t.mock.method(console, "warn", () => {});
      for (const bytes of flips(body)) await assertRefused(secret, header, bytes, `the body ${bytes}`);
      for (const bytes of flips(header))
        await assertRefused(secret, bytes.toString("latin1"), body, `the header ${bytes}`);
      for (const bytes of flips(secret))
        await assertRefused(bytes.toString("latin1"), header, body, `the secret ${bytes}`);
      assert.equal(new Webhook(secret).verify(body, header).id, "evt_1");
    },
  };
}

/** Each copy of ASCII text with one bit of one byte changed. */
function* flips(text) {
  for (let bit = 0; bit < 8 * text.length; bit += 1) {
    const bytes = Buffer.from(text, "latin1");
    bytes[bit >> 3] ^= 1 << (bit & 7);
    yield bytes;
  }
}
