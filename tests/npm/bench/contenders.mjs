// What is measured: every contender verifies the same body, signed by its own scheme.
import { sign as signForOctokit, verify as verifyForOctokit } from "@octokit/webhooks-methods";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import { signPayload, verifySignature, Webhook } from "@dealix/webhooks";
import { verify as verifyBySnippet } from "./snippet.mjs";

const SECRET = `whsec_${btoa("made for the benchmark only")}`;
const { webhooks: stripe } = new Stripe("sk_test_none");
const webhook = new Webhook(SECRET);
const standardWebhook = new StandardWebhook(SECRET);
const svixWebhook = new SvixWebhook(SECRET);
const decoder = new TextDecoder();

/** In Bun and Deno its SDK has only SubtleCrypto, and so only calls that return a promise. */
const isStripeAsync = "Bun" in globalThis || "Deno" in globalThis;
const stripeVerify = isStripeAsync ? stripe.signature.verifyHeaderAsync : stripe.signature.verifyHeader;
const stripeEvent = isStripeAsync ? stripe.constructEventAsync : stripe.constructEvent;

/** The headers of a delivery that came through a proxy, as Node provides them. */
const HEADERS = {
  host: "receiver.example",
  "user-agent": "Dealix-Webhooks/1",
  "content-type": "application/json",
  "content-length": "300",
  "x-forwarded-for": "192.0.2.1",
  "x-request-id": "0190a6f0",
  accept: "*/*",
};

/**
 * Those of a group, ours first: `verdict` returns no more than that, and `event` the event too. `call` takes one
 * of `cases` (genuine, wrong, stale, missing), which were signed just now, and gives something true for an accept only.
 */
export async function contenders(group, body) {
  const now = Math.floor(Date.now() / 1000);
  const text = typeof body === "string" ? body : decoder.decode(body);
  const dealix = cases((timestamp) => signPayload({ secret: SECRET, body, timestamp }), now, "");
  const inHeaders = map(dealix, (signature) => (signature ? { ...HEADERS, "dealix-signature": signature } : HEADERS));
  const groups = {
    verdict: async () => [
      {
        name: "@dealix/webhooks",
        cases: dealix,
        call: (signatureHeader) => verifySignature({ secret: SECRET, signatureHeader, body }).valid,
      },
      {
        name: "stripe",
        cases: dealix,
        call: caught((header) => stripeVerify.call(stripe.signature, body, header, SECRET, 300)),
      },
      { name: "node:crypto", cases: dealix, call: (header) => verifyBySnippet(body, header, SECRET) },
      ...(typeof body === "string" ? [await octokit(body)] : []),
    ],
    event: () => [
      { name: "@dealix/webhooks", cases: inHeaders, call: caught((headers) => webhook.verify(body, headers)) },
      { name: "stripe", cases: dealix, call: caught((header) => stripeEvent.call(stripe, body, header, SECRET)) },
      {
        name: "node:crypto",
        cases: dealix,
        call: (header) =>
          verifyBySnippet(body, header, SECRET) && JSON.parse(typeof body === "string" ? body : decoder.decode(body)),
      },
      standard("svix", svixWebhook, "svix", body, text, now),
      standard("standardwebhooks", standardWebhook, "webhook", body, text, now),
    ],
  };
  return groups[group]();
}

function cases(sign, now, missing) {
  return { genuine: sign(now), wrong: wrong(sign(now)), stale: sign(now - 1000), missing };
}

function map(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

/** A well-formed signature of something else. */
function wrong(signature) {
  return signature.replace(/.(?==?$)/, (last) => (last === "0" ? "1" : "0"));
}

function standard(name, verifier, prefix, body, text, now) {
  const sign = (timestamp) => ({
    [`${prefix}-id`]: "evt_1",
    [`${prefix}-timestamp`]: String(timestamp),
    [`${prefix}-signature`]: verifier.sign("evt_1", new Date(timestamp * 1000), text),
  });
  const genuine = sign(now);
  const signatureName = `${prefix}-signature`;
  const other = { ...genuine, [signatureName]: verifier.sign("evt_2", new Date(now * 1000), text) };
  return {
    name,
    cases: { genuine, wrong: other, stale: sign(now - 1000), missing: {} },
    call: caught((headers) => verifier.verify(body, headers)),
  };
}

/** Takes only text, checks no time, and returns a promise. */
async function octokit(body) {
  const genuine = await signForOctokit(SECRET, body);
  return {
    name: "@octokit/webhooks-methods",
    cases: { genuine, wrong: wrong(genuine) },
    call: (signature) => verifyForOctokit(SECRET, body, signature),
  };
}

function caught(verify) {
  return (headers) => {
    try {
      const result = verify(headers);
      return result instanceof Promise ? result.catch(() => null) : result;
    } catch {
      return null;
    }
  };
}
