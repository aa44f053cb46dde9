// The contenders where there is no node:crypto: a Worker and a page. `calls` verifications of one body by one of them.
import { Webhook as SvixWebhook } from "svix";
import { signPayload, verifySignature } from "@dealix/webhooks";
import { bodyOf } from "./bodies.mjs";
import { verifierFor } from "./subtle.mjs";

const SECRET = `whsec_${btoa("made for the benchmark only")}`;
const subtle = verifierFor(SECRET);

export const NAMES = ["@dealix/webhooks", "SubtleCrypto", "svix"];

export async function verifyOften({ name, size, kind, calls }) {
  const text = bodyOf(size);
  const body = kind === "string" ? text : new TextEncoder().encode(text);
  const verify = await makers[name](body, text);
  if (!(await verify())) throw new Error(`${name} refuses a good signature`);
  for (let call = 0; call < calls; call += 1) {
    const result = verify();
    if (result instanceof Promise) await result;
  }
}

const makers = {
  "@dealix/webhooks": (body) => {
    const signatureHeader = signPayload({ secret: SECRET, body });
    return () => verifySignature({ secret: SECRET, signatureHeader, body }).valid;
  },
  SubtleCrypto: async (body) => {
    const verify = await subtle;
    const header = signPayload({ secret: SECRET, body });
    return () => verify(body, header);
  },
  // It takes text alone, or a Buffer, which is not everywhere.
  svix: (body, text) => {
    const webhook = new SvixWebhook(SECRET);
    const now = new Date();
    const headers = { "svix-id": "evt_1", "svix-timestamp": `${Math.floor(now / 1000)}`, "svix-signature": webhook.sign("evt_1", now, text) };
    return () => webhook.verify(text, headers);
  },
};
