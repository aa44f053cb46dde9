import { equal, ok, same, throws } from "./assert.mjs";

export function requests({ webhooks, testing }) {
  const { fetchHandler, Webhook } = webhooks;
  const { makeEvent, signedRequest } = testing;
  const secret = "whsec_requests";
  const delivery = (options) => signedRequest({ secret, event: makeEvent({ type: "demo.booked" }), ...options });
  const post = (body, headers = {}) => new Request("https://x.example/", { method: "POST", body, headers });
  /** A header that may be right: it says nothing about the body. */
  const signed = () => ({ "dealix-signature": new Webhook(secret).sign("another body") });
  /**
   * A request whose body consists of what the functions return in turn; without a body in Firefox, which has no request
   * streams.
   */
  const streaming = (chunks, headers) => {
    const left = chunks.values();
    const pull = async (controller) => {
      const { value, done } = left.next();
      if (done) controller.close();
      else controller.enqueue(await value());
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    return new Request("https://x.example/", { method: "POST", body, headers, duplex: "half" });
  };

  /** The package's own timers keep no process alive, and there is no server here. */
  const keptAlive = async (run) => {
    const timer = setTimeout(() => {}, 30_000);
    await run().finally(() => clearTimeout(timer));
  };

  return {
    "fetchHandler: the statuses, each with an empty body": async () => {
      const events = [];
      const errors = [];
      const handler = fetchHandler({
        secret,
        onEvent: (event) => events.push(event.type),
        onError: ({ code }) => errors.push(code),
        maxBodyBytes: 1000,
        maxAgeSeconds: 20,
      });
      for (const [request, status] of [
        [delivery(), 204],
        [delivery({ secret: "other" }), 400],
        [delivery({ timestamp: 5 }), 400],
        [delivery({ timestamp: Math.floor(Date.now() / 1000) - 30 }), 400],
        [post("{}"), 400],
        [post("x".repeat(1001), signed()), 413],
        [post("x".repeat(1001), { ...signed(), "content-length": "1001" }), 413],
        [post("x".repeat(1001)), 400],
        [post("compressed", { ...signed(), "content-encoding": "gzip" }), 415],
        [new Request("https://x.example/"), 405],
      ]) {
        const response = await handler(request);
        equal(response.status, status);
        equal(await response.text(), "");
      }
      same(events, ["demo.booked"]);
      same(errors, [
        "signature_mismatch",
        "stale_signature",
        "stale_signature",
        "malformed_header",
        "body_too_large",
        "body_too_large",
        "malformed_header",
        "signature_mismatch",
      ]);
    },

    "fetchHandler waits for onEvent, and what it throws passes through": async () => {
      let done = false;
      const slow = fetchHandler({
        secret,
        onEvent: () => new Promise((resolve) => setTimeout(() => resolve((done = true)), 20)),
      });
      equal((await slow(delivery())).status, 204);
      equal(done, true);
      const failing = fetchHandler({
        secret,
        onEvent: () => {
          throw new RangeError("mine");
        },
      });
      const error = await failing(delivery()).catch((error) => error);
      equal(error.message, "mine");
    },

    "a verification error of onEvent's own is not taken for the delivery's": async () => {
      const own = fetchHandler({ secret, onEvent: () => new Webhook("x").verify("{}", "") });
      await throws("WebhookVerificationError", "malformed_header", () => own(delivery()));
    },

    "fetchHandler refuses aloud unless told otherwise": async () => {
      const { warn } = console;
      const lines = [];
      console.warn = (line) => lines.push(line);
      try {
        await fetchHandler({ secret, onEvent() {} })(post("{}"));
      } finally {
        console.warn = warn;
      }
      ok(lines.length === 1 && lines[0].includes("malformed_header"), String(lines));
    },

    "fetchHandler waits for onError, and what it throws passes through": async () => {
      let done = false;
      const slow = fetchHandler({
        secret,
        onEvent() {},
        onError: () => new Promise((resolve) => setTimeout(() => resolve((done = true)), 20)),
      });
      equal((await slow(post("{}"))).status, 400);
      equal(done, true);
      const failing = fetchHandler({
        secret,
        onEvent() {},
        onError: async () => {
          throw new RangeError("mine");
        },
      });
      const error = await failing(post("{}")).catch((error) => error);
      equal(error.message, "mine");
    },

    "a request whose body was read, or is being read, is body_parsed": async () => {
      const parsed = delivery();
      await parsed.json();
      const locked = delivery();
      locked.body?.getReader();
      for (const request of locked.body ? [parsed, locked] : [parsed]) {
        const error = await throws("WebhookUsageError", "body_parsed", () =>
          new Webhook(secret).verifyRequest(request),
        );
        ok(error.message.includes("before anything else reads it"), error.message);
        await throws("WebhookUsageError", "body_parsed", () => fetchHandler({ secret, onEvent() {} })(request));
      }
    },

    "what is no Request is not_a_request, and the advice fits": async () => {
      for (const [input, received] of [
        [{ req: { raw: delivery() } }, "an object"],
        [{ method: "POST", headers: { get: "a header of that name" }, body: {} }, "an object"],
        [new (class Context {})(), "a Context"],
        [Promise.resolve(delivery()), "a Promise"],
        [null, "null"],
        [undefined, "undefined"],
      ]) {
        for (const call of [
          fetchHandler({ secret, onEvent() {} }),
          (request) => new Webhook(secret).verifyRequest(request),
        ]) {
          const error = await throws("WebhookUsageError", "not_a_request", () => call(input), received);
          equal(error.details.received, received);
          ok(error.message.includes("`c.req.raw`"), error.message);
        }
      }
    },

    "a body in many chunks, in a reused buffer, in views of any kind": async () => {
      const arrived = delivery();
      const signature = { "dealix-signature": arrived.headers.get("dealix-signature") };
      const bytes = new Uint8Array(await arrived.arrayBuffer());
      const one = new Uint8Array(1);
      for (const chunks of [
        Array.from(bytes, (byte) => () => (one.fill(byte), one)),
        [() => bytes.subarray(0, 5), () => new Uint8Array(0), () => new DataView(bytes.buffer, 5)],
        [() => bytes.buffer.slice(0, 20), () => bytes.subarray(20)],
        [() => new Uint8Array(0), () => bytes],
      ]) {
        const request = streaming(chunks, signature);
        if (request.body) equal((await new Webhook(secret).verifyRequest(request)).type, "demo.booked");
      }
      const long = new TextEncoder().encode(`${"x".repeat(100_000)}y`);
      const chunks = Array.from({ length: 101 }, (_, index) => () => long.slice(index * 1000, (index + 1) * 1000));
      const request = streaming(chunks, { "dealix-signature": new Webhook(secret).sign(long) });
      if (request.body)
        await throws("WebhookVerificationError", "invalid_envelope", () => new Webhook(secret).verifyRequest(request));
    },

    "a stream of something other than bytes is body_parsed": async () => {
      for (const chunk of ["{}", 5, {}, undefined]) {
        const request = streaming([() => chunk], signed());
        if (request.body)
          await throws(
            "WebhookUsageError",
            "body_parsed",
            () => new Webhook(secret).verifyRequest(request),
            typeof chunk,
          );
      }
    },

    "a body whose length is announced as too long is not read at all": async () => {
      const request = post("x".repeat(1001), { ...signed(), "content-length": "1001" });
      // Browsers do not let a page set this header; then the stream itself is measured.
      const isAnnounced = request.headers.has("content-length");
      const { details } = await throws("WebhookVerificationError", "body_too_large", () =>
        new Webhook(secret, { maxBodyBytes: 1000 }).verifyRequest(request),
      );
      same(details, { maxBodyBytes: 1000 });
      equal(request.bodyUsed, !isAnnounced);
    },

    "a body that does not arrive in time is let go": () =>
      keptAlive(async () => {
        let isCancelled = false;
        const stalled = () => {
          const body = new ReadableStream({
            pull: () => new Promise(() => {}),
            cancel: () => void (isCancelled = true),
          });
          return new Request("https://x.example/", { method: "POST", body, headers: signed(), duplex: "half" });
        };
        if (!stalled().body) return;
        const options = { bodyTimeoutSeconds: 1 };
        const [error, response] = await Promise.all([
          throws("WebhookVerificationError", "body_timeout", () =>
            new Webhook(secret, options).verifyRequest(stalled()),
          ),
          fetchHandler({ secret, onEvent() {}, onError() {}, ...options })(stalled()),
        ]);
        same([error.details.bodyTimeoutSeconds, response.status, isCancelled], [1, 408, true]);
      }),

    "of bodies that take too much together the oldest is let go": () =>
      keptAlive(async () => {
        const codes = [];
        const limits = { maxBodyBytes: 1000, maxBufferedBytes: 1000, bodyTimeoutSeconds: 1 };
        const handler = fetchHandler({ secret, onEvent() {}, onError: ({ code }) => codes.push(code), ...limits });
        const stalled = () => streaming([() => new Uint8Array(600), () => new Promise(() => {})], signed());
        if (!stalled().body) return;
        const first = handler(stalled());
        const second = handler(stalled());
        equal((await first).status, 503);
        equal((await handler(delivery())).status, 204);
        equal((await second).status, 408);
        same(codes, ["receiver_busy", "body_timeout"]);
      }),

    "a body that has grown counts for twice its length": () =>
      keptAlive(async () => {
        const limits = { maxBodyBytes: 1000, maxBufferedBytes: 1000, bodyTimeoutSeconds: 1 };
        const stalled = (...lengths) =>
          streaming([...lengths.map((length) => () => new Uint8Array(length)), () => new Promise(() => {})], signed());
        if (!stalled().body) return;
        for (const [length, code] of [
          [500, "body_timeout"],
          [501, "receiver_busy"],
        ]) {
          const webhook = new Webhook(secret, limits);
          const codeOf = (request) => webhook.verifyRequest(request).catch(({ code }) => code);
          const grown = codeOf(stalled(100, 150));
          await new Promise((resolve) => setTimeout(resolve, 50));
          same(await Promise.all([grown, codeOf(stalled(length))]), [code, "body_timeout"], String(length));
        }
      }),

    "what its header refuses is not read": async () => {
      for (const signature of [undefined, "", "v1", "t=1,v1=x"]) {
        const request = post("{}", signature === undefined ? {} : { "dealix-signature": signature });
        equal((await fetchHandler({ secret, onEvent() {}, onError() {} })(request)).status, 400);
        await new Webhook(secret).verifyRequest(request).catch(() => {});
        equal(request.bodyUsed, false, signature);
      }
    },

    "a body that breaks off is nobody's mistake": async () => {
      const request = streaming(
        [
          () => new Uint8Array(10),
          () => {
            throw new TypeError("the runtime's");
          },
        ],
        signed(),
      );
      if (!request.body) return;
      const codes = [];
      const [whole, broken] = [
        request,
        streaming(
          [
            () => {
              throw new TypeError("the runtime's");
            },
          ],
          signed(),
        ),
      ];
      const error = await new Webhook(secret).verifyRequest(whole).catch((error) => error);
      same([error.code, error.cause.message], ["ECONNRESET", "the runtime's"]);
      equal(
        (await fetchHandler({ secret, onEvent() {}, onError: ({ code }) => codes.push(code) })(broken)).status,
        408,
      );
      same(codes, []);
    },

    "of a flood of refusals few lines are written, and they count the rest": async () => {
      const { warn } = console;
      const { now } = Date;
      const lines = [];
      let time = now() + 60_000;
      console.warn = (line) => lines.push(line);
      Date.now = () => time;
      try {
        const handler = fetchHandler({ secret, onEvent() {} });
        for (let round = 0; round < 100; round += 1) await handler(post("{}"));
        equal(lines.length, 1, String(lines));
        // Another mistake shows at once.
        await handler(delivery({ secret: "other", timestamp: Math.floor(time / 1000) }));
        equal(lines.length, 2, String(lines));
        time += 5000;
        for (let round = 0; round < 100; round += 1) await handler(post("{}"));
      } finally {
        Object.assign(console, { warn });
        Date.now = now;
      }
      equal(lines.length, 3, String(lines));
      ok(
        /malformed_header \(and 99 more since the last line\): /.test(lines[2]) &&
          lines[1].includes("signature_mismatch"),
        String(lines),
      );
    },

    "a body without a length is cut off at the limit": async () => {
      let pulled = 0;
      const endless = new ReadableStream({
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(65_536));
        },
        cancel: () => new Promise(() => {}),
      });
      const streaming = new Request("https://x.example/", {
        method: "POST",
        body: endless,
        headers: signed(),
        duplex: "half",
      });
      // Firefox has no request streams.
      const request = streaming.body ? streaming : post("x".repeat(1_048_577), signed());
      await throws("WebhookVerificationError", "body_too_large", () => new Webhook(secret).verifyRequest(request));
      ok(pulled < 100, `${pulled} chunks were read`);
    },
  };
}
