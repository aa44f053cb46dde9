import { equal, ok, same, throws } from "./assert.mjs";

export function events({ webhooks, testing }) {
  const { EVENT_TYPES, isKnownEvent, Webhook } = webhooks;
  const { makeEvent, serializeEnvelope, signedRequest } = testing;

  return {
    "makeEvent fills in what a test leaves out": () => {
      const event = makeEvent({ type: "deal.won", data: { amount: 1 } });
      ok(/^evt_[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{7}$/.test(event.id), event.id);
      ok(event.id !== makeEvent({ type: "deal.won" }).id, "a fresh id");
      ok(Math.abs(event.timestamp - Date.now() / 1000) < 5, "the time now");
      same([event.type, event.api_version, event.data], ["deal.won", "v1", { amount: 1 }]);
      equal(makeEvent({ type: "x", id: "evt_mine", customer_id: "cus_9" }).id, "evt_mine");
    },

    "an unknown type is verified, and said to be unknown": () => {
      const webhook = new Webhook("s");
      for (const [type, known] of [
        ["deal.won", true],
        ["deal.paused", false],
        ["toString", false],
        ["", false],
      ]) {
        const body = serializeEnvelope(makeEvent({ type }));
        equal(isKnownEvent(webhook.verify(body, webhook.sign(body))), known, type);
      }
      ok(
        EVENT_TYPES.every((type) => isKnownEvent(makeEvent({ type }))),
        "all types",
      );
    },

    "serializeEnvelope takes an object or exact JSON text": () => {
      const envelope = {
        type: "x",
        id: "i",
        data: { b: 1, a: "é😀\u007f", d: undefined },
        customer_id: "c",
        timestamp: 5,
        api_version: "v1",
      };
      const canonical =
        '{"api_version":"v1","customer_id":"c","data":{"a":"\\u00e9\\ud83d\\ude00\\u007f","b":1},"id":"i","timestamp":5,"type":"x"}';
      equal(serializeEnvelope(envelope), canonical);
      equal(serializeEnvelope(JSON.stringify(envelope)), canonical);
      const record =
        '{"event_id":"i","event_type":"x","customer_id":"c","timestamp":5,"payload":{"n":12345678901234567890123,"f":1E2}}';
      ok(
        serializeEnvelope(record).includes('"data":{"f":100.0,"n":12345678901234567890123}'),
        serializeEnvelope(record),
      );
    },

    "what has no canonical form is invalid_event, and the place is named": () => {
      const event = (data) => makeEvent({ type: "x", data });
      const cycle = {};
      cycle.again = cycle;
      const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
      const record = (payload) =>
        `{"event_id":"i","event_type":"x","customer_id":"c","timestamp":5,"payload":${payload}}`;
      for (const [input, place] of [
        [event({ a: [1, NaN] }), "data.a[1]"],
        [event({ a: { b: -Infinity } }), "data.a.b"],
        [event({ n: 5n }), "data.n"],
        [event({ f() {} }), "data.f"],
        [event([undefined]), "data[0]"],
        [event({ deals: new Map([[1, 2]]) }), "data.deals"],
        [event({ tags: new Set(["a"]) }), "data.tags"],
        [event({ amount: Promise.resolve(5) }), "data.amount"],
        [event({ failure: new Error("x") }), "data.failure"],
        [event({ bytes: new Uint8Array(2) }), "data.bytes"],
        [event(cycle), "it contains itself"],
        [event(deep), "it contains itself, or is nested too deeply"],
        [event({ s: "\ud800" }), "payload.s"],
        [record('{"a":[1,NaN]}'), "payload.a[1]"],
        [record('{"a":[1,{"b":1e400}]}'), "payload.a[1].b"],
        [record('{"\\udc00":1}'), "payload"],
        [record(`{"v":${"[".repeat(127)}${"]".repeat(127)}}`), "payload.v[0]"],
        [record("[]"), "payload"],
        [record("{}").replace('"i"', "7"), "event_id"],
        [record('{},"more":1'), "more"],
        ["[]", "."],
        ['"x"', "."],
        [`${record("{}")}x`, "."],
        [{}, "id"],
      ]) {
        const error = throws("WebhookUsageError", "invalid_event", () => serializeEnvelope(input), place);
        ok(error.message.includes(`canonical form: ${place}`), `${place}: ${error.message.slice(0, 200)}`);
      }
      ok(serializeEnvelope(record(`{"v":${"[".repeat(126)}${"]".repeat(126)}}`)).length > 0, "128 levels");
    },

    "the sample of a test event is respelt nowhere but in its data": async () => {
      const { data } = makeEvent({ type: "deal.won" });
      const own = makeEvent({ type: "deal.won", data: { deal: data, text: JSON.stringify(data) } });
      const body = serializeEnvelope(own);
      ok(body.includes('"amount":12500,') && !body.includes("12500.0"), body);
      equal(await signedRequest({ secret: "s", event: own }).text(), body);
      equal(await signedRequest({ secret: "s", event: body }).text(), body);
      ok(
        serializeEnvelope(makeEvent({ type: "deal.won" })).includes('"amount":12500.0,'),
        "the sample keeps its point",
      );
    },

    "signedRequest is a delivery as Dealix sends it": async () => {
      const event = makeEvent({ type: "payment.received", data: { amount: 3 } });
      const request = signedRequest({ secret: ["s", "old"], event, url: "https://shop.example/hooks" });
      same([request.method, request.url], ["POST", "https://shop.example/hooks"]);
      same(
        ["content-type", "dealix-event-id", "dealix-event-type", "dealix-delivery-attempt"].map((name) =>
          request.headers.get(name),
        ),
        ["application/json", event.id, "payment.received", "1"],
      );
      equal((await new Webhook("s").verifyRequest(request)).id, event.id);
      ok(
        signedRequest({ secret: "s", event, timestamp: 5 }).headers.get("dealix-signature").startsWith("t=5,"),
        "its time",
      );
      throws("WebhookConfigurationError", "invalid_option", () => signedRequest({ secret: "s", event, attempt: 2 }));
      for (const field of ["id", "type"]) {
        for (const value of ["a\r\nb: c", "\u00e9", "\u007f"]) {
          const error = throws("WebhookUsageError", "invalid_event", () =>
            signedRequest({ secret: "s", event: { ...event, [field]: value } }),
          );
          ok(error.message.startsWith(`The event's ${field} `), error.message);
        }
      }
    },
  };
}
