// The Worker that is measured. Besides the contenders of every runtime without Node there is `byHost`: a copy of the
// package's inlined build that hands every body over to node:crypto, as the build for Workers never does.
import { bodyOf } from "./bodies.mjs";
import { verifyOften } from "./web.mjs";

const secret = "whsec_worker";

export const worker = (byHost) => ({
  async fetch(request) {
    const work = await request.json();
    if (work.name === "by node:crypto") verifyByHost(byHost, work);
    else await verifyOften(work);
    return new Response();
  },
});

function verifyByHost({ signPayload, verifySignature }, { size, kind, calls }) {
  const text = bodyOf(size);
  const body = kind === "string" ? text : new TextEncoder().encode(text);
  const signatureHeader = signPayload({ secret, body });
  for (let call = 0; call < calls; call += 1) {
    if (!verifySignature({ secret, signatureHeader, body }).valid) throw new Error("a good signature is refused");
  }
}
