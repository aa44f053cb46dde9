import { equal, ok, same, throws } from "./assert.mjs";

export function verdicts({ webhooks, testing }) {
  const { Webhook, signPayload, verifySignature } = webhooks;
  const secret = "whsec_verdicts";
  const body = testing.serializeEnvelope(testing.makeEvent({ type: "deal.won", data: { amount: 12.5 } }));
  const now = 1_700_000_000;
  const header = signPayload({ secret, body, timestamp: now });
  const hex = header.slice(-64);
  const verdict = (signatureHeader, options) => verifySignature({ secret, signatureHeader, body, now, ...options });

  return {
    "a good signature": () => same(verdict(header), { valid: true, error: null, secretIndex: 0 }),

    "each code, in the contract's order": () => {
      for (const [signatureHeader, error] of [
        [null, "malformed_header"],
        [undefined, "malformed_header"],
        ["", "malformed_header"],
        ["t=x", "malformed_header"],
        ["t=x,v2=1", "bad_timestamp"],
        [`t=1,t=1,v1=${hex}`, "bad_timestamp"],
        [`t=0${now},v1=${hex}`, "bad_timestamp"],
        [`t=9007199254740992,v1=${hex}`, "bad_timestamp"],
        ["t=1,v1=", "missing_v1"],
        ["t=1,v1=x", "stale_signature"],
        [`t=${now},v1=x`, "signature_mismatch"],
      ]) {
        same(verdict(signatureHeader), { valid: false, error, secretIndex: null }, String(signatureHeader));
      }
    },

    "the window is inclusive, in both directions": () => {
      for (const [clock, valid] of [
        [now - 301, false],
        [now - 300, true],
        [now + 300, true],
        [now + 300.999, true],
        [now + 301, false],
      ]) {
        equal(verdict(header, { now: clock }).valid, valid, String(clock));
      }
      equal(verdict(header, { maxAgeSeconds: 0 }).valid, true);
      equal(verdict(header, { maxAgeSeconds: 0, now: now + 1 }).error, "stale_signature");
      equal(verdict(header, { maxAgeSeconds: -1 }).error, "stale_signature");
      const atZero = signPayload({ secret, body, timestamp: 0 });
      equal(verdict(atZero, { maxAgeSeconds: 0, now: 0.5 }).valid, true);
      equal(
        verdict(atZero, { maxAgeSeconds: 0, now: -0.5 }).error,
        "stale_signature",
        "rounded down, not towards zero",
      );
    },

    "several secrets: which one matched": () => {
      equal(verdict(header, { secret: ["new", secret] }).secretIndex, 1);
      equal(verdict(header, { secret: [secret, secret] }).secretIndex, 0);
      equal(verdict(header, { secret: ["new", "other"] }).error, "signature_mismatch");
      const list = [secret];
      equal(verdict(header, { secret: list }).valid, true);
      list[0] = "new";
      equal(verdict(header, { secret: list }).error, "signature_mismatch", "the list has changed");
    },

    "several v1: any may match, under any secret": () => {
      const both = `${signPayload({ secret: "old", body, timestamp: now })},v1=${hex},v1=${"0".repeat(64)}`;
      equal(verdict(both).secretIndex, 0);
      equal(verdict(both, { secret: ["new", "old"] }).secretIndex, 1);
      equal(verdict(both, { secret: "new" }).error, "signature_mismatch");
    },

    "a v1 that is not 64 lower-case hex digits never matches": () => {
      for (const v1 of [hex.toUpperCase(), hex.slice(1), `${hex}0`, ` ${hex}`, `${hex.slice(0, -1)}а`, `0x${hex}`]) {
        equal(verdict(`t=${now},v1=${v1}`).error, "signature_mismatch", v1);
      }
    },

    "every byte of a body counts": () => {
      for (const changed of [`${body} `, body.slice(1), body.replace("12.5", "12.6"), `\ufeff${body}`, `${body}\n`]) {
        equal(verdict(header, { body: changed }).error, "signature_mismatch");
      }
    },

    "Webhook.verify returns the event": () => {
      const webhook = new Webhook(secret);
      const event = webhook.verify(body, { "dealix-signature": webhook.sign(body) });
      same([event.type, event.data], ["deal.won", { amount: 12.5 }]);
    },

    "the event is what was signed, where a body's text is no UTF-8": () => {
      const webhook = new Webhook(secret);
      const signed = testing.serializeEnvelope(testing.makeEvent({ type: "x" })).replace('"x"', '"\ufffd😀\ufffd"');
      const signature = webhook.sign(new TextEncoder().encode(signed));
      for (const text of [signed, signed.replace("\ufffd", "\ud800"), signed.replaceAll("\ufffd", "\udfff")]) {
        equal(webhook.verify(text, signature).type, "\ufffd😀\ufffd");
      }
    },

    "Webhook.check says which secret matched": () => {
      const { valid, event, error, secretIndex } = new Webhook(["new", secret]).check(
        body,
        new Webhook(secret).sign(body),
      );
      same([valid, event.type, error, secretIndex], [true, "deal.won", null, 1]);
    },

    "Webhook.check answers with the error that verify throws": () => {
      const webhook = new Webhook(secret, { maxAgeSeconds: 60 });
      const { valid, event, error } = webhook.check(body, header);
      same([valid, event, error.code, error.details.maxAgeSeconds], [false, null, "stale_signature", 60]);
      const thrown = throws("WebhookVerificationError", "stale_signature", () => webhook.verify(body, header));
      ok(thrown instanceof webhooks.WebhookVerificationError && thrown instanceof Error, "the class");
      ok(thrown.details.ageSeconds > 60 && /signed \d+ s ago/.test(thrown.message), thrown.message);
      ok(thrown.message.includes("; the limit is 60 s. Set this machine's clock"), thrown.message);
    },

    "a window of -1 refuses a signature of this second": () => {
      const webhook = new Webhook(secret, { maxAgeSeconds: -1 });
      const { error } = webhook.check(body, webhook.sign(body));
      ok(/signed [01] s ago by .* is -1 s\./.test(error.message), error.message);
    },

    "a signature from the future says so": () => {
      const webhook = new Webhook(secret);
      const ahead = webhook.sign(body, Math.floor(Date.now() / 1000) + 1000);
      const { error } = webhook.check(body, ahead);
      ok(error.details.ageSeconds <= -999 && error.message.includes("ahead of"), error.message);
    },

    "sign takes a time, and now by default": () => {
      const webhook = new Webhook([secret, "old"]);
      equal(webhook.sign(body, now), header);
      const seconds = Number(/^t=(\d+),v1=[0-9a-f]{64}$/.exec(webhook.sign(body))[1]);
      ok(Math.abs(seconds - Date.now() / 1000) < 5, String(seconds));
      equal(signPayload({ secret, body, timestamp: 0 }).slice(0, 6), "t=0,v1");
    },

    "a good signature over no envelope is invalid_envelope, with the field": () => {
      const webhook = new Webhook(secret);
      const good = { id: "evt_1", type: "x.y", customer_id: "c", timestamp: 1, api_version: "v1", data: {} };
      const without = (field) => JSON.stringify({ ...good, [field]: undefined });
      for (const [text, field] of [
        ["", "body"],
        ["null", "body"],
        ["[]", "body"],
        ["{", "body"],
        [`\ufeff${JSON.stringify(good)}`, "body"],
        ...Object.keys(good).map((name) => [without(name), name]),
        [JSON.stringify({ ...good, id: 1 }), "id"],
        [JSON.stringify({ ...good, timestamp: 1.5 }), "timestamp"],
        [JSON.stringify({ ...good, data: [] }), "data"],
        [JSON.stringify({ ...good, data: null }), "data"],
      ]) {
        for (const form of [text, new TextEncoder().encode(text)]) {
          const { error } = webhook.check(form, webhook.sign(form));
          same([error?.code, error?.details.field], ["invalid_envelope", field], text);
          const fault =
            field === "body" ? "the body is not a JSON object" : `its field ${field} is missing or of the wrong type`;
          ok(error.message.startsWith(`The signature is good, but ${fault}. `), error.message);
        }
      }
      const notUtf8 = new Uint8Array([0x7b, 0xff, 0x7d]);
      equal(webhook.check(notUtf8, webhook.sign(notUtf8)).error.details.field, "body");
      equal(
        webhook.verify(JSON.stringify({ ...good, more: 1 }), webhook.sign(JSON.stringify({ ...good, more: 1 }))).type,
        "x.y",
      );
    },

    "many and long secrets": () => {
      const many = Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(65_536, "x"));
      const webhook = new Webhook(many);
      equal(webhook.check(body, new Webhook(many[99]).sign(body)).secretIndex, 99);
      equal(webhook.sign(body, 5), new Webhook(many[0]).sign(body, 5));
    },

    "as many secrets as are allowed, and one more": () => {
      const most = Array.from({ length: 256 }, (_, index) => `secret ${index}`);
      const header = signPayload({ secret: most[255], body, timestamp: now });
      equal(verdict(header, { secret: most }).secretIndex, 255);
      throws("WebhookConfigurationError", "invalid_secret", () => new Webhook([...most, "one more"]));
    },

    "a list of secrets that its owner changes is read again": () => {
      const secrets = ["whsec_1k"];
      const call = { secret: secrets, signatureHeader: signPayload({ secret: secrets[0], body }), body };
      equal(verifySignature(call).secretIndex, 0);
      secrets[0] = "whsec_2k";
      equal(verifySignature(call).error, "signature_mismatch");
    },

    "300 verifiers at once: each keeps its own secret": () => {
      const all = Array.from({ length: 300 }, (_, index) => new Webhook([`new_${index}`, `old_${index}`]));
      const signed = all.map((webhook) => webhook.sign(body));
      for (let index = 0; index < all.length; index += 1) {
        equal(all[index].check(body, signed[index]).valid, true, String(index));
        equal(all[index].check(body, signed[(index + 1) % all.length]).valid, false, String(index));
      }
    },
  };
}
