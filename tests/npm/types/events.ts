// Compile-time tests: a line that must not compile follows @ts-expect-error.
import {
  EVENT_TYPES,
  isKnownEvent,
  Webhook,
  WebhookConfigurationError,
  WebhookError,
  WebhookVerificationError,
  fetchHandler,
  signPayload,
  verifySignature,
  type DealixEvent,
  type DeclaredEvent,
  type ErrorCode,
  type EventContext,
  type EventOf,
  type EventType,
  type KnownEvent,
  type KnownPayloads,
  type RequestLike,
  type UnknownEvent,
  type VerificationCode,
} from "@dealix/webhooks";
import { makeEvent, serializeEnvelope, signedRequest } from "@dealix/webhooks/testing";

declare module "@dealix/webhooks" {
  interface DealixEventMap {
    "deal.won": { amount: number; currency: string };
    "acme.custom": { flavour: "sweet" | "sour" };
  }
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertType<_T extends true>(): void {}

export function narrowing(event: DealixEvent): number {
  if (event.type === "deal.won") {
    assertType<Equal<typeof event.data, { amount: number; currency: string }>>();
    return event.data.amount;
  }
  if (event.type === "acme.custom") assertType<Equal<typeof event.data.flavour, "sweet" | "sour">>();
  if (event.type === "lead.created") {
    assertType<Equal<typeof event.data, KnownPayloads["lead.created"]>>();
    // @ts-expect-error: an undeclared payload has unknown values
    return event.data["amount"].toFixed();
  }
  // @ts-expect-error: no such type; an unknown one is met in `default`
  if (event.type === "deal.wun") return 1;
  return event.timestamp;
}

export function payloads(event: DealixEvent, paid: EventOf<"payment.received">): string | undefined {
  if (event.type === "deal.lost") {
    assertType<Equal<typeof event.data.amount, number | null | undefined>>();
    assertType<Equal<typeof event.data.name, string | null | undefined>>();
    assertType<Equal<(typeof event.data)["anything else"], unknown>>();
    // @ts-expect-error: a known field may be absent or null
    return event.data.name.trim();
  }
  event.data satisfies object;
  // @ts-expect-error: an event of any type has no known fields
  if (event.data.name === "") return "";
  paid.data satisfies Record<string, unknown>;
  const made = makeEvent({ type: "payment.received", data: { amount: "nobody's payload is refused", more: [1] } });
  made satisfies EventOf<"payment.received">;
  const unknown = makeEvent({ type: "deal.paused" });
  assertType<Equal<typeof unknown.data, Record<string, unknown>>>();
  return paid.data.currency ?? made.data.name ?? undefined;
}

export function openSwitch(event: DealixEvent): string {
  switch (event.type) {
    case "deal.won":
      return event.data.currency;
    default:
      return event.type;
  }
}

export function exhaustiveSwitch(event: DealixEvent): string {
  if (!isKnownEvent(event)) {
    assertType<Equal<typeof event, DeclaredEvent | UnknownEvent>>();
    return event.type === "acme.custom" ? event.data.flavour : event.type;
  }
  assertType<Equal<typeof event, KnownEvent>>();
  switch (event.type) {
    case "lead.created":
    case "lead.qualified":
    case "lead.disqualified":
    case "lead.enriched":
    case "draft.created":
    case "draft.approved":
    case "draft.sent":
    case "reply.received":
    case "reply.classified":
    case "demo.booked":
    case "demo.held":
    case "deal.created":
    case "deal.lost":
    case "payment.received":
    case "health.changed":
    case "churn.predicted":
    case "qbr.generated":
    case "pulse.published":
      return event.id;
    case "deal.won":
      return event.data.currency;
    default: {
      const never: never = event;
      return never;
    }
  }
}

export async function calls(
  request: Request,
  nodeHeaders: Record<string, string | string[] | undefined>,
): Promise<void> {
  const webhook = new Webhook(["current", "previous"], { maxAgeSeconds: 60 });
  assertType<Equal<ReturnType<typeof webhook.verify>, DealixEvent>>();
  for (const body of ["text", new Uint8Array(1), new ArrayBuffer(1), new DataView(new ArrayBuffer(1))]) {
    for (const headers of ["t=1,v1=2", request.headers, nodeHeaders, null, undefined]) webhook.verify(body, headers);
  }
  // @ts-expect-error: a parsed body
  webhook.verify({ id: "evt_1" }, request.headers);
  new Webhook(nodeHeaders["x"] === undefined ? undefined : "an environment variable as it is");
  new Webhook(["current", undefined as string | undefined]);
  // @ts-expect-error: a secret is text
  new Webhook(new Uint8Array(32));
  // @ts-expect-error: no such option
  new Webhook("s", { tolerance: 5 });

  const result = webhook.check("text", request.headers);
  if (result.valid) {
    assertType<Equal<typeof result.secretIndex, number>>();
    assertType<Equal<typeof result.event, DealixEvent>>();
  } else {
    assertType<Equal<typeof result.error, WebhookVerificationError>>();
  }
  const { valid, event, error } = result;
  if (valid) event.id;
  else error.code satisfies string;
  const verdict = verifySignature({
    secret: "s",
    signatureHeader: nodeHeaders,
    body: "text",
    now: 5,
    maxAgeSeconds: 5,
  });
  assertType<
    Equal<
      typeof verdict.error,
      null | "malformed_header" | "bad_timestamp" | "missing_v1" | "stale_signature" | "signature_mismatch"
    >
  >();
  (await webhook.verifyRequest(request)).id satisfies string;
  signPayload({ secret: "s", body: "text" }) satisfies string;

  const handler = fetchHandler({ secret: "s", onEvent: async (event) => event.id, onError: (error) => error.code });
  // @ts-expect-error: it receives every event, including those of unknown types
  fetchHandler({ secret: "s", onEvent: (event: KnownEvent) => event.id });
  handler satisfies (request: Request) => Promise<Response>;
  EVENT_TYPES.includes("deal.won");
  assertType<Equal<EventType, (typeof EVENT_TYPES)[number] | "acme.custom">>();

  const made = makeEvent({ type: "deal.won", data: { amount: 1, currency: "EUR" } });
  assertType<Equal<typeof made.data, { amount: number; currency: string }>>();
  // @ts-expect-error: a declared payload is checked
  makeEvent({ type: "deal.won", data: { amount: "1", currency: "EUR" } });
  makeEvent({ type: "deal.paused" }) satisfies DealixEvent;
  serializeEnvelope(made) satisfies string;
  signedRequest({ secret: "s", event: made, url: new URL("https://x.example") }) satisfies Request;
}

export function declared(event: DealixEvent): string {
  if (isKnownEvent(event)) {
    // @ts-expect-error: a type that you declared is not one that the package knows
    if (event.type === "acme.custom") return "";
  }
  const made = makeEvent({ type: "acme.custom", data: { flavour: "sweet" } });
  assertType<Equal<typeof made.data.flavour, "sweet" | "sour">>();
  return event.type === "acme.custom" ? event.data.flavour : event.id;
}

export function eventOf(event: EventOf<"deal.won">, other: EventOf<"deal.lost" | "acme.custom">): number {
  assertType<Equal<typeof event.type, "deal.won">>();
  if (other.type === "acme.custom") assertType<Equal<typeof other.data.flavour, "sweet" | "sour">>();
  // @ts-expect-error: no such type
  void (undefined as unknown as EventOf<"deal.wun">);
  return event.data.amount;
}

export function tables(): void {
  fetchHandler({
    secret: () => "s",
    onEvent: {
      "deal.won": (event, { secretIndex, attempt }) => {
        assertType<Equal<typeof event, EventOf<"deal.won">>>();
        assertType<Equal<typeof secretIndex, number>>();
        assertType<Equal<typeof attempt, number | undefined>>();
        return event.data.amount;
      },
      "acme.custom": (event) => event.data.flavour,
      "deal.lost": (event) => event.data.name?.trim(),
      async "lead.created"({ data }) {
        await Promise.resolve(data["name"]);
      },
      other(event) {
        assertType<Equal<typeof event, DealixEvent>>();
      },
    },
    onError: (error, { secretIndex, headers, request }) => {
      assertType<Equal<typeof secretIndex, null>>();
      assertType<Equal<typeof error, WebhookVerificationError>>();
      headers.get("user-agent") satisfies string | null | undefined;
      request.method satisfies string;
    },
  });
  // @ts-expect-error: `other` is missing
  fetchHandler({ secret: "s", onEvent: { "deal.won": () => {} } });
  fetchHandler({
    secret: "s",
    // @ts-expect-error: a type that does not exist
    onEvent: { "deal.wun": () => {}, other: () => {} },
  });
  fetchHandler({ onEvent: (event) => event.data });
  fetchHandler({ secret: () => ["current", undefined], onEvent: (event) => event.data });
  // @ts-expect-error: a secret is text
  fetchHandler({ secret: () => 5, onEvent: () => {} });
  // @ts-expect-error: a secret is there when it is needed
  fetchHandler({ secret: async () => "s", onEvent: () => {} });
  new Webhook();
}

/** As Azure Functions v4 has them: no `Request` of the DOM. */
interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null; keys(): IterableIterator<string> };
  readonly body: { readonly locked: boolean } | null;
  readonly bodyUsed: boolean;
  readonly user: object | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export async function otherRequests(azure: HttpRequest, request: Request): Promise<void> {
  const receive = fetchHandler({
    secret: "s",
    onEvent: (_, { request }) => assertType<Equal<typeof request, RequestLike>>(),
  });
  await receive(azure);
  await receive(request);
  (await new Webhook("s").verifyRequest(azure)).id satisfies string;
  // @ts-expect-error: no request
  await receive({ headers: request.headers });

  const typed = fetchHandler<HttpRequest>({ secret: "s", onEvent: (_, { request }) => request.user });
  await typed(azure);
  // @ts-expect-error: another kind of request
  await typed(request);
  const onEvent = (event: DealixEvent, { request }: EventContext<Request>) => `${request.redirect} ${event.id}`;
  fetchHandler({ secret: "s", onEvent }) satisfies (request: Request) => Promise<Response>;
  const handlers: { handler: (request: HttpRequest, context: object) => Promise<Response> } = {
    handler: fetchHandler({ secret: "s", onEvent: (_, { request }) => request.url }),
  };
  await handlers.handler(azure, {});
}

export function errors(thrown: unknown): number | undefined {
  if (thrown instanceof WebhookVerificationError) {
    assertType<Equal<typeof thrown.code, VerificationCode>>();
    switch (thrown.code) {
      case "stale_signature":
        return thrown.details.ageSeconds.valueOf() + thrown.details.maxAgeSeconds;
      case "invalid_envelope":
        return thrown.details.field.length;
      case "body_too_large":
        return thrown.details.maxBodyBytes.valueOf();
      // @ts-expect-error: no such code
      case "stale":
        return 1;
      default:
        // Not every error has it.
        return thrown.details.ageSeconds;
    }
  }
  if (thrown instanceof WebhookConfigurationError && thrown.code === "invalid_option")
    return thrown.details.option.length;
  if (!(thrown instanceof WebhookError)) return undefined;
  thrown.code satisfies ErrorCode;
  const { code, details } = thrown;
  if (code === "body_timeout") return details.bodyTimeoutSeconds.valueOf();
  // @ts-expect-error: only those that are present for certain
  return details.maxBodyBytes.valueOf();
}
