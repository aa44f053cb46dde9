import { equal, ok, same, throws } from "./assert.mjs";

const MARKER = "body-marker-5f3a";
const SECRET = "secret-marker-9c1d";
const NUMBER = 918_273_645;

export function badInput({ webhooks, testing, vectors, otherRealm }) {
  const { Webhook, signPayload, verifySignature } = webhooks;
  const webhook = new Webhook(SECRET);
  const text = testing.serializeEnvelope(testing.makeEvent({ type: "deal.lost", data: { note: MARKER } }));
  const bytes = new TextEncoder().encode(text);
  const header = webhook.sign(text);
  const stillWorks = () => equal(webhook.verify(text, header).type, "deal.lost", "the next call");

  const checks = {
    "every form of the body": () => {
      const padded = new Uint8Array(bytes.length + 30);
      padded.set(bytes, 16);
      const even = new Uint8Array(bytes.length + (8 - (bytes.length % 8)));
      even.fill(32).set(bytes);
      const evenHeader = webhook.sign(even);
      for (const [what, body, signature] of [
        ["text", text, header],
        ["Uint8Array", bytes, header],
        ["ArrayBuffer", bytes.slice().buffer, header],
        ["a view with an offset", padded.subarray(16, 16 + bytes.length), header],
        ["DataView", new DataView(padded.buffer, 16, bytes.length), header],
        ["Uint8ClampedArray", new Uint8ClampedArray(bytes), header],
        ["Uint16Array", new Uint16Array(even.buffer), evenHeader],
        ["Float64Array", new Float64Array(even.buffer), evenHeader],
        ["BigInt64Array", new BigInt64Array(even.buffer), evenHeader],
      ]) {
        equal(webhook.verify(body, signature).data.note, MARKER, what);
        equal(webhook.sign(body, 5), webhook.sign(body instanceof Uint8Array ? body.slice() : body, 5), what);
      }
    },

    "shared memory": () => {
      const shared = sharedBuffer(65_536);
      new Uint8Array(shared).fill(32).set(bytes);
      const signature = webhook.sign(new Uint8Array(shared).slice());
      equal(webhook.verify(new Uint8Array(shared), signature).data.note, MARKER);
      equal(webhook.verify(shared, signature).data.note, MARKER);
      equal(webhook.verify(new DataView(shared), signature).data.note, MARKER);
    },

    // Browsers decode no text that lies in one.
    "a resizable buffer": () => {
      const buffer = new ArrayBuffer(bytes.length, { maxByteLength: 2 * bytes.length });
      new Uint8Array(buffer).set(bytes);
      for (const body of [buffer, new Uint8Array(buffer), new DataView(buffer)])
        equal(webhook.verify(body, header).data.note, MARKER);
    },

    "a body that is not what arrived is body_parsed, and the advice fits": () => {
      for (const [body, received, advice] of [
        [JSON.parse(text), "an object", "request.text()"],
        [[1], "an array", "request.text()"],
        [5, "a number", "request.text()"],
        [true, "a boolean", "request.text()"],
        [Promise.resolve(text), "a Promise", "Await it"],
        [new Request("https://x.example/", { method: "POST", body: text }), "a Request", "verifyRequest"],
        [new ReadableStream(), "a ReadableStream", "Read the stream"],
        [{ pipe() {} }, "an object", "Read the stream"],
      ]) {
        const error = throws("WebhookUsageError", "body_parsed", () => webhook.verify(body, header), received);
        equal(error.details.received, received);
        ok(error.message.includes(advice) && error.message.includes(received), error.message);
        throws("WebhookUsageError", "body_parsed", () => webhook.check(body, header), received);
        throws("WebhookUsageError", "body_parsed", () => webhook.sign(body), received);
        throws(
          "WebhookUsageError",
          "body_parsed",
          () => verifySignature({ secret: SECRET, signatureHeader: header, body }),
          received,
        );
        throws("WebhookUsageError", "body_parsed", () => signPayload({ secret: SECRET, body }), received);
      }
      for (const nothing of [undefined, null, {}]) {
        throws("WebhookUsageError", "body_parsed", () => webhook.sign(nothing));
        throws("WebhookUsageError", "body_parsed", () => signPayload({ secret: SECRET, body: nothing }));
      }
      stillWorks();
    },

    "a body that is not there is refused, and the message begins with it": () => {
      const forNothing = webhook.sign("");
      for (const [body, received] of [
        [undefined, "undefined"],
        [null, "null"],
        [{}, "an empty object"],
        [Object.create(null), "an empty object"],
        ["", "an empty string"],
        [new Uint8Array(), "an empty Uint8Array"],
        [new ArrayBuffer(0), "an empty ArrayBuffer"],
      ]) {
        for (const more of [
          {},
          { "Content-Length": "0" },
          { "content-length": "5" },
          { "transfer-encoding": "chunked" },
          { "content-type": "text/plain" },
        ]) {
          const { error } = webhook.check(body, { "dealix-signature": header, ...more });
          same([error.code, error.details.received, error.details.secretsTried], ["signature_mismatch", received, 1]);
          ok(
            error.message.startsWith(`The body is ${received}: `) && error.message.includes("request.text()"),
            error.message,
          );
        }
        equal(webhook.check(body, {}).error.code, "malformed_header");
        equal(webhook.check(body, undefined).error.code, "malformed_header");
        equal(webhook.check(body, new Headers({ "dealix-signature": "t=1,v1=0" })).error.code, "stale_signature");
        equal(webhook.check(body, header).error.code, "signature_mismatch");
        throws("WebhookVerificationError", "signature_mismatch", () =>
          webhook.verify(body, { "dealix-signature": header }),
        );
        equal(webhook.check(body, forNothing).error.code, "invalid_envelope");
        equal(verifySignature({ secret: SECRET, signatureHeader: header, body }).error, "signature_mismatch");
        // A signature of an empty body vouches for an empty body, not for a missing one.
        const isThere = typeof body === "string" || ArrayBuffer.isView(body) || body instanceof ArrayBuffer;
        const { error } = verifySignature({ secret: SECRET, signatureHeader: forNothing, body });
        equal(error, isThere ? null : "signature_mismatch", received);
      }
      stillWorks();
    },

    "a parsed form is refused; a parsed delivery is body_parsed": () => {
      const form = { a: "b" };
      const headers = (type) => new Headers({ "dealix-signature": header, "content-type": type });
      for (const type of [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/vnd.api+json",
        "application/json-seq",
        "x-application/json",
        "",
        "x",
      ]) {
        const { error } = webhook.check(form, headers(type));
        same([error.code, error.details.received], ["signature_mismatch", "an object"], type);
        ok(error.message.startsWith("The body is an object: "), error.message);
        equal(
          verifySignature({ secret: SECRET, signatureHeader: headers(type), body: form }).error,
          "signature_mismatch",
          type,
        );
        for (const body of [[], [1], 5, true, new Map(), new URLSearchParams("a=b")]) {
          equal(webhook.check(body, headers(type)).error.code, "signature_mismatch", `${type} ${body}`);
        }
        for (const body of [Promise.resolve(), new ReadableStream()]) {
          throws("WebhookUsageError", "body_parsed", () => webhook.check(body, headers(type)));
        }
      }
      for (const type of ["application/json", "Application/JSON; charset=utf-8", " application/json ;x"]) {
        throws("WebhookUsageError", "body_parsed", () => webhook.check(form, headers(type)), type);
      }
      throws("WebhookUsageError", "body_parsed", () => webhook.check(form, { "dealix-signature": header }));
    },

    "a body that was compressed on the way: its encoding is named": () => {
      const refused = (encoding) =>
        webhook.check(`${text} `, { "dealix-signature": header, "Content-Encoding": encoding }).error;
      for (const [encoding, named] of [
        ["gzip", "gzip"],
        [" BR ", "br"],
        ["deflate, gzip", "deflate, gzip"],
        [["gzip", "br"], "gzip, br"],
        ["x-gzip", "x-gzip"],
        ["<b>", "unknown"],
        ["g".repeat(41), "unknown"],
        [`${MARKER}\n`.repeat(3), "unknown"],
      ]) {
        const error = refused(encoding);
        same([error.code, error.details.contentEncoding], ["signature_mismatch", named]);
        ok(error.message.startsWith(`The body came with Content-Encoding: ${named}.`), error.message);
      }
      for (const encoding of ["identity", " Identity", "", undefined, null, 5, []]) {
        const error = refused(encoding);
        same([error.code, error.details.contentEncoding], ["signature_mismatch", undefined]);
        ok(!error.message.includes("Content-Encoding"), error.message);
      }
      // A decompressed body keeps its Content-Encoding header.
      equal(webhook.check(text, { "dealix-signature": header, "content-encoding": "gzip" }).valid, true);
      same(
        [
          webhook.check(text, { "content-encoding": "gzip" }).error.code,
          webhook.check(undefined, { "dealix-signature": header, "content-encoding": "gzip" }).error.details.received,
        ],
        ["malformed_header", "undefined"],
      );
    },

    "a view that lies about its length is parsed as it is hashed": () => {
      class Liar extends Uint8Array {
        get length() {
          return 2;
        }
        get byteLength() {
          return 2;
        }
      }
      const { error } = webhook.check(new Liar(bytes.slice().buffer), webhook.sign(text.slice(0, 2)));
      same([error.code, error.details], ["invalid_envelope", { field: "body" }]);
    },

    "a detached buffer is body_detached": () => {
      const gone = bytes.slice();
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      throws("WebhookUsageError", "body_detached", () => webhook.verify(gone, header));
      throws("WebhookUsageError", "body_detached", () => webhook.verify(gone.buffer, header));
      throws("WebhookUsageError", "body_detached", () => webhook.sign(gone));
      stillWorks();
    },

    "what is only called a buffer is refused, not taken for an empty body": () => {
      const empty = signPayload({ secret: SECRET, body: "" });
      for (const body of [
        new Proxy(new ArrayBuffer(5), {}),
        { [Symbol.toStringTag]: "ArrayBuffer" },
        { [Symbol.toStringTag]: "SharedArrayBuffer" },
      ]) {
        throws("WebhookUsageError", "body_detached", () =>
          verifySignature({ secret: SECRET, signatureHeader: empty, body }),
        );
      }
    },

    "an empty secret fails at start-up": () => {
      for (const secret of [
        undefined,
        null,
        "",
        [],
        [""],
        ["x", ""],
        ["x", undefined],
        [null],
        new Array(2),
        [, "x"],
        ["x", , "y"],
      ]) {
        throws("WebhookConfigurationError", "empty_secret", () => new Webhook(secret), JSON.stringify(secret));
        throws("WebhookConfigurationError", "empty_secret", () =>
          verifySignature({ secret, signatureHeader: header, body: text }),
        );
        throws("WebhookConfigurationError", "empty_secret", () => webhooks.fetchHandler({ secret, onEvent() {} }));
      }
      ok(
        throws("WebhookConfigurationError", "invalid_option", () => webhook.sign(text, -1)).message.includes(
          "timestamp is -1",
        ),
        "the value",
      );
      ok(
        throws("WebhookConfigurationError", "empty_secret", () => new Webhook(["x", ""])).message.includes(
          "Secret 2 of 2",
        ),
        "which one",
      );
      throws("WebhookConfigurationError", "empty_secret", () => signPayload({ secret: "", body: text }));
      stillWorks();
    },

    "an invalid secret fails at start-up": () => {
      for (const secret of [
        "\ud800",
        "x\udc00x",
        "\udc00\ud800",
        5,
        {},
        true,
        new Uint8Array(3),
        ["x", 5],
        "x".repeat(65_537),
      ]) {
        throws("WebhookConfigurationError", "invalid_secret", () => new Webhook(secret));
      }
      const { message } = throws("WebhookConfigurationError", "invalid_secret", () => new Webhook(5));
      ok(message.startsWith("The secret is a number."), message);
      equal(new Webhook("😀 é\n").sign(text).length > 0, true);
      new Webhook("x".repeat(65_536));
      stillWorks();
    },

    "a guessable secret fails at start-up, one that only looks so does not": () => {
      const { refused, accepted } = vectors.secrets;
      const functions = [
        "() => process.env.SECRET",
        "async () => {}",
        "(a, b) => a",
        "()=>process.env.SECRET",
        "function secret() {}",
        "async function () {}",
        "class Secret {}",
        "class Secret { value = null; }",
        String(ok),
      ];
      ok(refused.length > 100 && accepted.length > 50, "the file holds secrets");
      for (const secret of [...refused, ...functions]) {
        const error = throws(
          "WebhookConfigurationError",
          "invalid_secret",
          () => new Webhook(secret),
          JSON.stringify(secret),
        );
        ok(error.message.startsWith("The secret ") && error.message.includes("environment variable"), error.message);
        throws("WebhookConfigurationError", "invalid_secret", () => new Webhook([SECRET, secret]));
        throws("WebhookConfigurationError", "invalid_secret", () =>
          verifySignature({ secret, signatureHeader: header, body: text }),
        );
        throws("WebhookConfigurationError", "invalid_secret", () => signPayload({ secret, body: text }));
        throws("WebhookConfigurationError", "invalid_secret", () => webhooks.fetchHandler({ secret, onEvent() {} }));
      }
      for (const secret of accepted)
        equal(
          verifySignature({ secret, signatureHeader: new Webhook(secret).sign(text), body: text }).valid,
          true,
          secret,
        );
      stillWorks();
    },

    "a guessable secret is explained without showing a default in it": () => {
      const said = (secret) => throws("WebhookConfigurationError", "invalid_secret", () => new Webhook(secret)).message;
      ok(
        said("undefined").includes('is the text "undefined": an unset variable was converted to a string.'),
        said("undefined"),
      );
      ok(said("whsec_null").includes('"whsec_null"'), said("whsec_null"));
      ok(said("null".repeat(20)).includes(`"${"null".repeat(10)}"`), said("null".repeat(20)));
      ok(
        said("[object Promise]").includes("an object or a function that was converted to a string"),
        said("[object Promise]"),
      );
      ok(said(" \n").includes("nothing but white space and quotes"), said(" \n"));
      ok(said("whsec_").includes("`whsec_` with nothing after it"), said("whsec_"));
      ok(said("$NAME").includes("placeholder"), said("$NAME"));
      ok(!said(`\${NAME:-${MARKER}}`).includes(MARKER), "the default shows");
    },

    "a secret of 64 KiB of blanks takes no time": () => {
      const start = Date.now();
      new Webhook([`x${" ".repeat(65_534)}x`, `${" ".repeat(65_535)}x`, `x${" ".repeat(65_535)}`]);
      throws("WebhookConfigurationError", "invalid_secret", () => new Webhook(" ".repeat(65_536)));
      ok(Date.now() - start < 2000, `${Date.now() - start} ms`);
    },

    "an option that is wrong or unknown fails at start-up": () => {
      for (const options of [
        { maxAgeSeconds: NaN },
        { maxAgeSeconds: Infinity },
        { maxAgeSeconds: -Infinity },
        { maxAgeSeconds: 1.5 },
        { maxAgeSeconds: "300" },
        { maxAgeSeconds: null },
        { maxAge: 5 },
        { tolerance: 5 },
        { maxBodyBytes: -1 },
        300,
        "300",
        null,
      ]) {
        throws(
          "WebhookConfigurationError",
          "invalid_option",
          () => new Webhook(SECRET, options),
          JSON.stringify(options),
        );
      }
      const call = { secret: SECRET, signatureHeader: header, body: text };
      for (const options of [
        { now: NaN },
        { now: Infinity },
        { now: "5" },
        { now: new Date() },
        { now: 5n },
        { header },
        { maxAgeSeconds: 0.5 },
      ]) {
        throws(
          "WebhookConfigurationError",
          "invalid_option",
          () => verifySignature({ ...call, ...options }),
          Object.keys(options)[0],
        );
      }
      for (const timestamp of [NaN, Infinity, -1, 1.5, 2 ** 53, "5", 5n, null]) {
        throws("WebhookConfigurationError", "invalid_option", () => webhook.sign(text, timestamp), String(timestamp));
        throws(
          "WebhookConfigurationError",
          "invalid_option",
          () => signPayload({ secret: SECRET, body: text, timestamp }),
          String(timestamp),
        );
      }
      for (const nothing of [undefined, null, 5]) {
        throws("WebhookConfigurationError", "invalid_option", () => verifySignature(nothing));
        throws("WebhookConfigurationError", "invalid_option", () => signPayload(nothing));
        throws("WebhookConfigurationError", "invalid_option", () => webhooks.fetchHandler(nothing));
        throws("WebhookConfigurationError", "invalid_option", () =>
          webhooks.fetchHandler({ secret: SECRET, onEvent: nothing }),
        );
      }
      stillWorks();
    },

    "the error for an option names it, what it is, and what it may be": () => {
      const call = { secret: SECRET, signatureHeader: header, body: text };
      for (const [run, option, received, words] of [
        [() => signPayload(null), "options", "null", "Pass an object with secret, body, timestamp."],
        [() => signPayload({ ...call, time: 5 }), "signatureHeader", undefined, "are secret, body, timestamp."],
        [() => new Webhook(SECRET, { maxAgeSeconds: "1" }), "maxAgeSeconds", "a string", "a whole number of seconds."],
        [() => webhook.sign(text, -1), "timestamp", "-1", "a whole number, 0 or more."],
        [() => webhook.sign(text, 2 ** 53), "timestamp", String(2 ** 53), "up to 2^53 - 1."],
        [() => verifySignature({ ...call, now: NaN }), "now", "NaN", "the seconds since 1970 as a number."],
        [() => verifySignature({ ...call, maxAgeSeconds: 0.5 }), "maxAgeSeconds", "0.5", "a whole number of seconds."],
        [() => new Webhook(SECRET, { maxBodyBytes: -1 }), "maxBodyBytes", "-1", "a whole number, 0 or more."],
      ]) {
        const { message, details } = throws("WebhookConfigurationError", "invalid_option", run, option);
        same(details, { option, received });
        ok(message.includes(`option ${option}`) && message.includes(words), message);
      }
    },

    "a polluted Object.prototype holds no options": () => {
      const old = signPayload({ secret: SECRET, body: text, timestamp: 5 });
      Object.assign(Object.prototype, { maxAgeSeconds: 1e12, now: 5, timestamp: 5, maxBodyBytes: 1, onError: 5 });
      try {
        equal(new Webhook(SECRET).check(text, old).error.code, "stale_signature");
        equal(verifySignature({ secret: SECRET, signatureHeader: old, body: text }).error, "stale_signature");
        // Nor once a getter has deleted an option of its own.
        const deleting = {
          get secret() {
            delete this.maxAgeSeconds;
            return SECRET;
          },
          signatureHeader: old,
          body: text,
          maxAgeSeconds: 300,
        };
        equal(verifySignature(deleting).error, "stale_signature");
        const emptied = {
          get maxBodyBytes() {
            delete this.maxAgeSeconds;
            return 1000;
          },
          maxAgeSeconds: 300,
        };
        equal(new Webhook(SECRET, emptied).check(text, old).error.code, "stale_signature");
        const unset = {
          get secret() {
            delete this.timestamp;
            return SECRET;
          },
          body: text,
          timestamp: 6,
        };
        ok(signPayload(unset) !== old, "signed now");
        ok(signPayload({ secret: SECRET, body: text }) !== old, "signed now");
        webhooks.fetchHandler({ secret: SECRET, onEvent() {} });
        // A hole in a list is not a secret, whoever filled it through the prototype.
        Object.prototype[0] = "whsec_theirs";
        throws("WebhookConfigurationError", "empty_secret", () => new Webhook([, SECRET]));
      } finally {
        delete Object.prototype[0];
        for (const name of ["maxAgeSeconds", "now", "timestamp", "maxBodyBytes", "onError"])
          delete Object.prototype[name];
      }
    },

    "a polluted Object.prototype adds no header and no envelope field": () => {
      const good = { id: "evt_1", type: "x.y", customer_id: "c", timestamp: 1, api_version: "v1", data: {} };
      const bare = webhook.sign("{}");
      Object.assign(Object.prototype, good, {
        "dealix-signature": header,
        "content-type": "text/plain",
        "content-encoding": "gzip",
      });
      try {
        equal(webhook.check(text, { host: "x" }).error.code, "malformed_header");
        same(webhook.check("{}", bare).error.details, { field: "id" });
        equal(webhook.check(`${text} `, { "Dealix-Signature": header }).error.details.contentEncoding, undefined);
        throws("WebhookUsageError", "body_parsed", () => webhook.check({ a: 1 }, { "Dealix-Signature": header }));
        equal(webhook.verify(text, { "Dealix-Signature": header }).type, "deal.lost");
      } finally {
        for (const name of [...Object.keys(good), "dealix-signature", "content-type", "content-encoding"])
          delete Object.prototype[name];
      }
    },

    "a key `__proto__` in a payload stays an own key": () => {
      const signed = text.replace('"data":{', '"__proto__":{"type":"x"},"data":{"__proto__":{"isAdmin":true},');
      const event = webhook.verify(signed, webhook.sign(signed));
      same([event.type, event.data.isAdmin, { ...event.data }.isAdmin], ["deal.lost", undefined, undefined]);
      same(
        [Object.hasOwn(event.data, "__proto__"), Object.getPrototypeOf(event.data) === Object.prototype],
        [true, true],
      );
      equal(JSON.stringify(structuredClone(event.data)), JSON.stringify(event.data));
    },

    "bodies around the buffer's size, as bytes and as text": () => {
      for (const length of [0, 1, 21_844, 21_845, 21_846, 65_535, 65_536, 65_537, 131_072, 131_073, 200_000]) {
        for (const letter of ["a", "é", "😀", "\ud83d"]) {
          const long = `a${letter.repeat(length)}`;
          const signature = webhook.sign(new TextEncoder().encode(long), 5);
          equal(webhook.sign(long, 5), signature, `${letter} ${length}`);
          for (const body of [long, new TextEncoder().encode(long)]) {
            equal(
              verifySignature({ secret: SECRET, signatureHeader: signature, body, now: 5 }).valid,
              true,
              `${letter} ${length}`,
            );
            const changed =
              typeof body === "string"
                ? `${body.slice(0, -1)}?`
                : (body.with?.(-1, 63) ?? Uint8Array.from(body).fill(63, -1));
            equal(
              verifySignature({ secret: SECRET, signatureHeader: signature, body: changed, now: 5 }).error,
              "signature_mismatch",
            );
          }
        }
      }
    },

    "a body of 100 MB": () => {
      const huge = new Uint8Array(100_000_000);
      huge[99_999_999] = 1;
      const signature = webhook.sign(huge, 5);
      equal(verifySignature({ secret: SECRET, signatureHeader: signature, body: huge, now: 5 }).valid, true);
      huge[50_000_000] = 1;
      equal(
        verifySignature({ secret: SECRET, signatureHeader: signature, body: huge, now: 5 }).error,
        "signature_mismatch",
      );
      equal(webhook.check(huge, webhook.sign(huge)).error.code, "invalid_envelope");
      stillWorks();
    },

    "no error holds a secret, the body or the expected MAC": () => {
      const expected = signPayload({ secret: SECRET, body: text, timestamp: 1_700_000_000 }).slice(-64);
      const wrong = `t=1700000000,v1=${"0".repeat(64)}`;
      for (const run of [
        () => webhook.verify(text, wrong),
        () => webhook.verify(text, "t=1"),
        () => webhook.verify(text, { "x-other": wrong }),
        () => webhook.verify(`${text} `, header),
        () => webhook.verify(JSON.parse(text), header),
        () => webhook.verify(MARKER, webhook.sign(MARKER)),
        () => new Webhook([SECRET, ""]),
        () => new Webhook(`${SECRET}\ud800`),
        () => new Webhook(SECRET, { secret: SECRET }),
        () => new Webhook(SECRET, SECRET),
        () => new Webhook(NUMBER),
        () => webhook.verify(NUMBER, header),
      ]) {
        const error = caught(run);
        const shown = [
          error.message,
          error.stack,
          JSON.stringify(error),
          JSON.stringify(error.details),
          String(error),
        ].join();
        for (const hidden of [SECRET, MARKER, String(NUMBER), expected])
          ok(!shown.includes(hidden), `${error.code} shows ${hidden}`);
        const { docs, localDocs } = error;
        ok(docs.startsWith("https://") && docs.endsWith(`#${error.code}`), docs);
        same(
          [localDocs, error.message.endsWith(`See ${docs} or ${localDocs}`)],
          [`node_modules/@dealix/webhooks/README.md#${error.code}`, true],
        );
      }
      ok(!JSON.stringify(webhook).includes(SECRET), "a Webhook shows its secret");
    },
  };
  if (!otherRealm) return checks;
  return {
    ...checks,
    "what is hashed is what is parsed, whatever class the bytes are of": () => {
      class Shorter extends Uint8Array {
        get length() {
          return bytes.length;
        }
      }
      const tampered = Uint8Array.from([...bytes, 0x20]);
      const ownLength = Object.defineProperty(new Uint8Array(tampered), "length", { value: bytes.length });
      const narrow = Object.setPrototypeOf(Uint16Array.from(bytes), Uint8Array.prototype);
      for (const body of [new Shorter(tampered), ownLength, narrow]) {
        equal(webhook.check(body, header).error?.code, "signature_mismatch");
      }
      class Counted extends Uint8Array {
        // biome-ignore lint/complexity/noUselessConstructor: it takes no buffer, unlike the one that it would inherit.
        constructor(length) {
          super(length);
        }
      }
      // Longer than the module's room, so that it is passed in pieces.
      const long = new Counted(300_000);
      const signatureHeader = signPayload({ secret: SECRET, body: long });
      equal(verifySignature({ secret: SECRET, signatureHeader, body: long }).valid, true);
    },

    "views and buffers of another realm": () => {
      const foreign = new otherRealm.Uint8Array(bytes);
      ok(!(foreign instanceof Uint8Array), "another realm");
      equal(webhook.verify(foreign, header).data.note, MARKER);
      equal(webhook.verify(foreign.buffer, header).data.note, MARKER);
    },
  };
}

/** Browsers hide the constructor from pages that are not isolated, but not the memory. */
function sharedBuffer(length) {
  if (typeof SharedArrayBuffer !== "undefined") return new SharedArrayBuffer(length);
  return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
}

function caught(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
