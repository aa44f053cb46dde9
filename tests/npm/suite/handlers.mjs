import { equal, ok, same, throws } from "./assert.mjs";

const NAME = "DEALIX_WEBHOOK_SECRET";

/** What handlers do besides verifying: tables by type, contexts, and secrets that are read later. */
export function handlers({ webhooks, testing }) {
  const { fetchHandler, Webhook } = webhooks;
  const { makeEvent, signedRequest } = testing;
  const secret = "whsec_handlers";
  const delivery = (type = "deal.won", options = {}) =>
    signedRequest({ secret, event: makeEvent({ type }), ...options });
  const onEvent = () => {};
  const misconfigured = (code, options) => throws("WebhookConfigurationError", code, () => fetchHandler(options));
  const { env, versions } = globalThis.process ?? {};
  // Deno and workerd call themselves Node, too.
  const isNode = versions?.node !== undefined && !globalThis.Deno && !globalThis.WebSocketPair;

  /** The environment's secret; null where the runtime keeps its environment from us, as Deno does. */
  const secretNow = () => {
    try {
      return Object.hasOwn(env, NAME) ? env[NAME] : undefined;
    } catch {
      return null;
    }
  };

  /** Runs with another environment, where the runtime has one that can be read and written. */
  const withSecret = async (value, run) => {
    const before = secretNow();
    if (before === null) return ok(!isNode, "Node's environment can be read");
    const set = (text) => (text === undefined ? delete env[NAME] : (env[NAME] = text));
    set(value);
    if (secretNow() !== value) return ok(!isNode, "Node's environment can be changed");
    await run().finally(() => set(before));
  };

  return {
    "a table hands each event to its type's function, and any other to `other`": async () => {
      const calls = [];
      const note =
        (by) =>
        (event, { secretIndex }) =>
          calls.push(`${by} ${event.type} ${secretIndex}`);
      const table = { "deal.won": note("deal.won"), other: note("other") };
      const handler = fetchHandler({ secret, onEvent: table });
      for (const type of ["deal.won", "deal.lost", "toString", "__proto__", "constructor", "other"]) {
        equal((await handler(delivery(type))).status, 204, type);
      }
      const expected = [
        "deal.won deal.won 0",
        ...["deal.lost", "toString", "__proto__", "constructor", "other"].map((type) => `other ${type} 0`),
      ];
      same(calls, expected);
    },

    "a table without `other`, or with anything but functions, is refused at start-up": () => {
      for (const [table, option] of [
        [{}, "onEvent.other"],
        [{ "deal.won": onEvent, othr: onEvent }, "onEvent.other"],
        [{ other: undefined }, "onEvent.other"],
        [{ other: "x" }, "onEvent.other"],
        [[onEvent], "onEvent.other"],
        [Object.create({ other: onEvent }), "onEvent.other"],
        [{ "deal.won": undefined, other: onEvent }, 'onEvent["deal.won"]'],
        [{ "deal.won": "x", other: onEvent }, 'onEvent["deal.won"]'],
        [null, "onEvent"],
        [undefined, "onEvent"],
        ["x", "onEvent"],
      ]) {
        const error = misconfigured("invalid_option", { secret, onEvent: table });
        equal(error.details.option, option);
        ok(error.message.includes("`other` for the rest"), error.message);
      }
    },

    "a type in a table that is unknown to this version is warned of": async () => {
      const { warn } = console;
      const warnings = [];
      console.warn = (text) => warnings.push(text);
      try {
        fetchHandler({ secret, onEvent: { "deal.won": onEvent, "deal.wonn": onEvent, other: onEvent } });
      } finally {
        console.warn = warn;
      }
      equal(warnings.length, 1);
      ok(warnings[0].includes('onEvent["deal.wonn"] is for a type unknown to this version'));
    },

    "a polluted Object.prototype adds nothing to a table": async () => {
      const calls = [];
      Object.prototype["deal.won"] = () => calls.push("polluted");
      try {
        await fetchHandler({ secret, onEvent: { other: () => calls.push("other") } })(delivery());
      } finally {
        delete Object.prototype["deal.won"];
      }
      same(calls, ["other"]);
    },

    "what a function of a table throws passes through, and its promise is awaited": async () => {
      const handler = fetchHandler({
        secret,
        onEvent: {
          "deal.won": async () => {
            throw new RangeError("mine");
          },
          other: onEvent,
        },
      });
      equal((await handler(delivery()).catch((error) => error)).message, "mine");
    },

    "onEvent and onError learn of the request, its headers, the secret and the attempt": async () => {
      const seen = [];
      const note = (_, context) => seen.push(context);
      const handler = fetchHandler({ secret: ["whsec_current", secret], onEvent: note, onError: note });
      for (const [attempt, options, secretIndex] of [
        ["3", {}, 1],
        ["1", { secret: "whsec_current" }, 0],
        ["2", { secret: "whsec_forger" }, null],
      ]) {
        const request = delivery("deal.won", options);
        request.headers.set("dealix-delivery-attempt", attempt);
        await handler(request);
        const context = seen.at(-1);
        same(Object.keys(context).sort(), ["attempt", "headers", "request", "secretIndex"]);
        equal(context.request, request);
        equal(context.headers.get("dealix-delivery-attempt"), attempt);
        equal(context.attempt, Number(attempt));
        equal(context.secretIndex, secretIndex);
      }
      equal(seen.length, 3);
    },

    "an attempt that is not a number is undefined": async () => {
      const attempts = [];
      const handler = fetchHandler({ secret, onEvent: (_, { attempt }) => attempts.push(attempt) });
      for (const text of [undefined, "0", "-1", "1.5", "x", "01", "1 2", "9".repeat(10), "999999999"]) {
        const request = delivery();
        request.headers.delete("dealix-delivery-attempt");
        if (text !== undefined) request.headers.set("dealix-delivery-attempt", text);
        await handler(request);
      }
      equal(String(attempts), String([...Array(8), 999_999_999]));
    },

    "a secret's function is called at the first request, and once": async () => {
      let calls = 0;
      const handler = fetchHandler({
        secret: () => {
          calls += 1;
          return ["whsec_new", secret];
        },
        onEvent,
      });
      equal(calls, 0);
      equal((await handler(new Request("https://x.example/"))).status, 405);
      for (let time = 0; time < 3; time += 1) equal((await handler(delivery())).status, 204);
      equal(calls, 1);
      equal((await fetchHandler({ secret: () => "whsec_other", onEvent, onError() {} })(delivery())).status, 400);
    },

    "while a function gives no secret every request fails, and the first that it gives is used": async () => {
      let given;
      const events = [];
      const handler = fetchHandler({ secret: () => given, onEvent: ({ type }) => events.push(type) });
      const empty = [undefined, null, "", []];
      for (given of empty) await throws("WebhookConfigurationError", "empty_secret", () => handler(delivery()));
      for (given of ["undefined", "$SECRET", 5, Promise.resolve(secret)]) {
        await throws("WebhookConfigurationError", "invalid_secret", () => handler(delivery()));
      }
      // Nor is what is signed with an empty secret, or with the text of an unset one, accepted.
      given = undefined;
      await throws("WebhookConfigurationError", "empty_secret", () =>
        handler(delivery("deal.won", { secret: "undefined-secret" })),
      );
      same(events, []);
      given = secret;
      equal((await handler(delivery())).status, 204);
      given = undefined;
      equal((await handler(delivery())).status, 204);
      const failing = fetchHandler({
        secret: () => {
          throw new RangeError("vault");
        },
        onEvent,
      });
      equal((await failing(delivery()).catch((error) => error)).message, "vault");
    },

    "a function for the secret does not put off the check of the other options": () => {
      const later = () => secret;
      misconfigured("invalid_option", { secret: later });
      for (const wrong of [{ maxAgeSeconds: 1.5 }, { maxBodyBytes: -1 }, { onError: "x" }, { path: "/" }]) {
        const { details } = misconfigured("invalid_option", { secret: later, onEvent, ...wrong });
        equal(details.option, Object.keys(wrong)[0]);
      }
    },

    "a secret that is there but undefined fails at start-up, with what to do in a build": () => {
      for (const unset of [undefined, null, ""]) {
        const { message } = misconfigured("empty_secret", { secret: unset, onEvent });
        ok(message.includes("build step pass `secret: () => process.env.DEALIX_WEBHOOK_SECRET`"), message);
      }
    },

    "a secret that is left out is the environment's, at the first request": async () => {
      if (env === undefined) return void misconfigured("empty_secret", { onEvent });
      await withSecret(undefined, async () => {
        const handler = fetchHandler({ onEvent });
        await throws("WebhookConfigurationError", "empty_secret", () => handler(delivery()));
        await withSecret(secret, async () => equal((await handler(delivery())).status, 204));
        // It has read it.
        equal((await handler(delivery())).status, 204);
      });
    },

    "new Webhook() takes the environment's secret, and fails without one": async () => {
      const unset = () => throws("WebhookConfigurationError", "empty_secret", () => new Webhook());
      if (env === undefined) return void unset();
      await withSecret(undefined, async () => void unset());
      await withSecret(secret, async () => {
        equal((await new Webhook().verifyRequest(delivery())).type, "deal.won");
        throws("WebhookConfigurationError", "empty_secret", () => new Webhook(undefined));
        throws("WebhookConfigurationError", "empty_secret", () => new Webhook(undefined, {}));
        misconfigured("empty_secret", { secret: undefined, onEvent });
      });
    },

    "a polluted Object.prototype is no environment": async () => {
      Object.prototype[NAME] = secret;
      try {
        await withSecret(undefined, async () => {
          throws("WebhookConfigurationError", "empty_secret", () => new Webhook());
          await throws("WebhookConfigurationError", "empty_secret", () => fetchHandler({ onEvent })(delivery()));
        });
      } finally {
        delete Object.prototype[NAME];
      }
    },

    "anything with a method, headers, a body and arrayBuffer is a request": async () => {
      const events = [];
      const handler = fetchHandler({ secret, onEvent: (event, { request }) => events.push(event.type, request.user) });
      const { method, headers, body } = await delivery()
        .text()
        .then((text) => ({ method: "POST", headers: new Headers(delivery().headers), body: text }));
      headers.set("dealix-signature", new Webhook(secret).sign(body));
      const bytes = new TextEncoder().encode(body);
      const request = {
        method,
        headers: { get: (name) => headers.get(name) },
        body: null,
        user: "mine",
        arrayBuffer: async () => bytes.buffer,
      };
      equal((await handler(request)).status, 204);
      equal((await new Webhook(secret).verifyRequest(request)).type, "deal.won");
      same(events, ["deal.won", "mine"]);
    },
  };
}
