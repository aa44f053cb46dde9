import { equal, ok, same, throws } from "./assert.mjs";

const SECRET = "whsec_9b1f-marker";
const MARKER = "body-marker-77e1";

export function diagnosis({ webhooks, testing }) {
  const { signPayload, Webhook } = webhooks;
  const { diagnose, makeEvent, serializeEnvelope } = testing;
  const envelope = { ...makeEvent({ type: "deal.won", data: { name: "Zoë", note: MARKER, amount: 12.5, seats: 3 } }) };
  const body = serializeEnvelope(envelope);
  const timestamp = 1_700_000_000;
  const header = signPayload({ secret: SECRET, body, timestamp });
  const headers = { "Dealix-Signature": header, "Content-Type": "application/json" };
  const bytes = (text) => new TextEncoder().encode(text);
  const floats = serializeEnvelope(body.replace("12.5", "12500.0"));

  /** The diagnosis, after checking that it contains no secret. */
  const answer = (options) => {
    const found = diagnose({ secret: SECRET, headers, body, now: timestamp + 5, ...options });
    const shown = JSON.stringify(found);
    for (const hidden of ["9b1f-marker", MARKER, header.slice(-64), header.slice(-20)])
      ok(!shown.includes(hidden), `${hidden} in ${shown}`);
    ok(/^[A-Z].*\.$/.test(found.message) && /^[A-Z].*\.$/.test(found.advice), shown);
    return found;
  };
  const causes = (options) => {
    const { cause, certain, details } = answer(options);
    return `${[cause, ...(details.also ?? [])].join(" ")}${certain ? "" : "?"}`;
  };

  return {
    "a good signature has no cause": () => {
      const { verdict, cause, certain, details } = answer({});
      same([verdict, cause, certain, details], [null, "none", true, { secretIndex: 0 }]);
      equal(answer({ secret: ["whsec_new", SECRET] }).details.secretIndex, 1);
      equal(answer({ headers: new Headers(headers) }).cause, "none");
      equal(answer({ headers: header }).cause, "none");
    },

    "a compressed body is inflated, or recognized by its header": async () => {
      for (const [format, encoding] of [
        ["gzip", "gzip"],
        ["deflate", "deflate"],
        ["deflate-raw", "deflate"],
      ]) {
        const compressed = await compress(format, bytes(body));
        for (const named of [{}, { "content-encoding": encoding }]) {
          const { cause, certain, details } = answer({ body: compressed, headers: { ...headers, ...named } });
          same([cause, certain, details.contentEncoding], ["compressed_body", true, encoding], format);
        }
      }
      const { cause, certain, details, message } = answer({
        body: Uint8Array.of(0x0b, 2, 0x80, 0x7b, 0x7d, 3),
        headers: { ...headers, "Content-Encoding": "br" },
      });
      same([cause, certain, details.contentEncoding, message.includes("(br)")], ["compressed_body", true, "br", true]);
      const asText = new TextDecoder().decode(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56));
      equal(answer({ body: asText }).cause, "compressed_body");
      equal(answer({ headers: { ...headers, "content-encoding": "gzip" } }).cause, "none");
      equal(
        answer({ body: "[object Object]", headers: { ...headers, "content-encoding": "gzip" } }).cause,
        "body_parsed",
      );
    },

    "each mistake has its cause": () => {
      for (const [what, expected, options] of [
        ["a parsed body", "body_parsed", { body: JSON.parse(body) }],
        ["written again", "body_parsed", { body: JSON.stringify(JSON.parse(body)) }],
        ["in another order", "body_parsed", { body: JSON.stringify(envelope, null, 2) }],
        ["stringified twice", "body_parsed", { body: JSON.stringify(body) }],
        ["a buffer as JSON", "body_parsed", { body: { type: "Buffer", data: Array.from(bytes(body)) } }],
        ["bytes as JSON", "body_parsed", { body: JSON.stringify(bytes(body)) }],
        ["a form's key", "body_parsed", { body: { [body]: "" } }],
        ["a string of an object", "body_parsed", { body: String(envelope) }],
        ["a mark", "byte_order_mark", { body: `\ufeff${body}` }],
        ["a newline", "newline", { body: bytes(`${body}\n`) }],
        ["base64", "base64_body", { body: btoa(body) }],
        ["nothing", "empty_body", { body: "" }],
        ["no body", "empty_body", { body: undefined }],
        ["an object that no parser filled", "empty_body", { body: {} }],
        ["half of it", "body_truncated?", { body: body.slice(0, 90) }],
        ["a quoted secret", "secret_wrapped", { secret: `"${SECRET}"` }],
        ["a name", "secret_wrapped", { secret: `DEALIX_WEBHOOK_SECRET=${SECRET}` }],
        ["base64 of the secret", "secret_encoded", { secret: btoa(SECRET) }],
        ["another label", "other_secret", { secret: "test", otherSecrets: { unset: undefined, production: SECRET } }],
        ["another of a list", "other_secret", { secret: ["test", "staging"], otherSecrets: ["", SECRET] }],
        ["no such secret", "unknown_secret?", { secret: "test", otherSecrets: { staging: "s" } }],
        ["milliseconds", "milliseconds", { now: timestamp * 1000 }],
        ["a clock behind", "clock_skew", { now: timestamp - 420 }],
        ["a clock ahead", "clock_skew", { now: timestamp + 420 }],
        ["a narrow window", "clock_skew", { maxAgeSeconds: 4 }],
        ["Stripe", "other_provider", { headers: { "Stripe-Signature": "t=1,v1=2" } }],
        ["GitHub", "other_provider", { headers: new Headers({ "X-Hub-Signature-256": "sha256=0" }) }],
        ["no header", "missing_header", { headers: { Host: "x" } }],
        ["no headers", "missing_header", { headers: undefined }],
        ["a space", "header_rewritten", { headers: { ...headers, "Dealix-Signature": header.split(",") } }],
        ["a name in the value", "header_rewritten", { headers: `Dealix-Signature: ${header}` }],
        ["a lone surrogate", "header_rewritten?", { headers: "\ud800" }],
        [
          "upper case",
          "upper_case_hex",
          { headers: header.replace(/v1=.*/, (v1) => `v1=${v1.slice(3).toUpperCase()}`) },
        ],
        ["two mistakes", "secret_wrapped newline", { secret: `${SECRET}\n`, body: `${body}\n` }],
        [
          "three",
          "other_secret body_parsed clock_skew",
          { secret: "x", otherSecrets: [SECRET], body: JSON.parse(body), now: 5 },
        ],
      ]) {
        equal(causes(options), expected, what);
      }
    },

    "a number that lost its point": () => {
      const signed = signPayload({ secret: SECRET, body: floats, timestamp });
      const found = answer({ body: JSON.parse(floats), headers: signed });
      same([found.cause, found.certain, found.details.form], ["body_parsed", true, "floats"]);
      equal(answer({ body: JSON.stringify(JSON.parse(floats)), headers: signed }).details.form, "floats");
      equal(causes({ body: JSON.parse(floats), headers: signed, secret: "x" }), "body_parsed?");
    },

    "what JSON.stringify makes of it was signed": () => {
      const text = JSON.stringify({ b: "é", a: 1 });
      const signed = signPayload({ secret: SECRET, body: text, timestamp });
      for (const received of [JSON.parse(text), JSON.stringify(JSON.parse(text), null, 2)]) {
        equal(answer({ body: received, headers: signed }).details.form, "json_stringify");
      }
    },

    "the verdict is the verifier's": () => {
      for (const [verdict, options] of [
        ["malformed_header", { headers: {} }],
        ["bad_timestamp", { headers: `${header},t=5` }],
        ["missing_v1", { headers: `t=${timestamp},` }],
        ["stale_signature", { now: 5, secret: "x" }],
        ["signature_mismatch", { secret: "x" }],
        ["signature_mismatch", { body: JSON.parse(body) }],
        ["stale_signature", { body: JSON.parse(body), now: 5 }],
      ]) {
        equal(answer(options).verdict, verdict);
        if (typeof options.body === "object") continue;
        const { secret = SECRET, headers: signatureHeader = headers, now = timestamp } = options;
        equal(webhooks.verifySignature({ secret, signatureHeader, body, now }).error, verdict);
      }
    },

    "facts are in details": () => {
      equal(answer({ now: timestamp - 420 }).details.ageSeconds, -420);
      same(answer({ headers: { Host: "x", Accept: "y" } }).details.headerNames, ["Host", "Accept"]);
      equal(answer({ headers: { "X-Shopify-Hmac-Sha256": "x" } }).details.provider, "shopify");
      const cut = answer({ body: body.slice(0, 9), headers: { ...headers, "content-length": "400" } }).details;
      same([cut.bodyBytes, cut.contentLength], [9, 400]);
      same(answer({ secret: "x", otherSecrets: ["y", SECRET] }).details.otherSecret, "otherSecrets[1]");
    },

    "a secret that stands alone is one of a list": () => {
      same(answer({ secret: "x", otherSecrets: SECRET }).details.otherSecret, "otherSecrets[0]");
      const found = answer({ secret: "x", otherSecrets: { [SECRET]: SECRET } });
      same([found.cause, found.details.otherSecret], ["other_secret", "otherSecrets[0]"]);
    },

    "a window too narrow is not a clock": () => {
      const { cause, advice } = answer({ maxAgeSeconds: 0 });
      ok(cause === "clock_skew" && advice.includes("window"), advice);
    },

    "a wrong call is refused": () => {
      throws("WebhookConfigurationError", "empty_secret", () => diagnose({ secret: "", headers, body }));
      throws("WebhookConfigurationError", "invalid_option", () => diagnose({ secret: "s", header, body }));
      throws("WebhookConfigurationError", "invalid_option", () => diagnose({ secret: "s", headers, body, now: NaN }));
      const cycle = {};
      cycle.self = cycle;
      const unread = [Promise.resolve(body), new Response(body), () => {}, cycle, { id: 1n }];
      // Their text is {}, which is also what a parser leaves of nothing.
      for (const opaque of [...unread, new Map([["id", 1]]), new Error("read"), new FormData()]) {
        throws("WebhookUsageError", "body_parsed", () => diagnose({ secret: "s", headers, body: opaque }));
      }
    },

    "a long body is not searched, and the answer says so": () => {
      const long = "x".repeat(5_000_000);
      const signed = signPayload({ secret: SECRET, body: long, timestamp });
      equal(answer({ body: long, headers: signed, secret: `${SECRET} ` }).cause, "secret_wrapped");
      equal(answer({ body: `${long}\n`, headers: signed }).details.incomplete, true);
    },

    "signature_mismatch mentions a wrapped secret and the diagnosis": () => {
      const message = (secret) => new Webhook(secret).check(body, new Webhook("other").sign(body)).error.message;
      for (const secret of ["s ", "\ts", "s\n", '"s"', "'s", "s'"])
        ok(message(secret).includes(". The secret begins or ends with white space or a quote."), secret);
      ok(message(["a", "s "]).includes("One of them begins or ends"), message(["a", "s "]));
      ok(!message("s s's").includes("begins or ends"), "only at its ends");
      ok(message("s").includes("`diagnose` from @dealix/webhooks/testing"), message("s"));
    },
  };
}

/**
 * Compresses bytes; if the runtime cannot, into a stored block, which contains them unchanged (RFC 1951 section 3.2.4).
 */
async function compress(format, bytes) {
  if (typeof CompressionStream === "function") {
    return new Uint8Array(
      await new Response(new Response(bytes).body.pipeThrough(new CompressionStream(format))).arrayBuffer(),
    );
  }
  const { length } = bytes;
  const block = [1, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255, ...bytes];
  if (format === "deflate-raw") return Uint8Array.from(block);
  if (format === "gzip") return Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, ...block, 0, 0, 0, 0, 0, 0, 0, 0]);
  let [one, two] = [1, 0];
  for (const byte of bytes) [one, two] = [(one + byte) % 65_521, (one + two + byte) % 65_521];
  return Uint8Array.from([0x78, 1, ...block, two >> 8, two & 255, one >> 8, one & 255]);
}
