// The contenders without node:crypto: a Worker and a page. `calls` verifications of one body by one of them, which
// returns a verdict, or the event too.
import { Webhook as SvixWebhook } from "svix";
import { signPayload, verifySignature, Webhook } from "@dealix/webhooks";
import { bodyOf } from "./bodies.mjs";
import { verifierFor } from "./subtle.mjs";

const SECRET = `whsec_${btoa("made for the benchmark only")}`;
const decoder = new TextDecoder();
let verifier;

export async function verifyOften({ name, group, size, kind, calls }) {
  const text = bodyOf(size);
  const body = kind === "string" ? text : new TextEncoder().encode(text);
  const verify = await makers[group][name](body);
  if (!(await verify())) throw new Error(`${name} refuses a good signature`);
  for (let call = 0; call < calls; call += 1) {
    const result = verify();
    if (result instanceof Promise) await result;
  }
}

const makers = {
  verdict: {
    "@dealix/webhooks": (body) => {
      const signatureHeader = signPayload({ secret: SECRET, body });
      return () => verifySignature({ secret: SECRET, signatureHeader, body }).valid;
    },
    SubtleCrypto: async (body) => {
      const verify = await subtle();
      const header = signPayload({ secret: SECRET, body });
      return () => verify(body, header);
    },
  },
  event: {
    "@dealix/webhooks": (body) => {
      const webhook = new Webhook(SECRET);
      const headers = { "content-type": "application/json", "dealix-signature": webhook.sign(body) };
      return () => webhook.verify(body, headers);
    },
    SubtleCrypto: async (body) => {
      const verify = await subtle();
      const header = signPayload({ secret: SECRET, body });
      return async () => (await verify(body, header)) && JSON.parse(textOf(body));
    },
    // It accepts only text or a Buffer, and not every runtime has a Buffer.
    svix: (body) => {
      const webhook = new SvixWebhook(SECRET);
      const now = new Date();
      const signature = webhook.sign("evt_1", now, textOf(body));
      const headers = {
        "svix-id": "evt_1",
        "svix-timestamp": `${Math.floor(now / 1000)}`,
        "svix-signature": signature,
      };
      return () => webhook.verify(textOf(body), headers);
    },
  },
};

/** Not at once: a Worker may do nothing asynchronous before its first request. */
function subtle() {
  return (verifier ??= verifierFor(SECRET));
}

function textOf(body) {
  return typeof body === "string" ? body : decoder.decode(body);
}
