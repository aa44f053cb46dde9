// What the tests of forwarding share: a receiver to forward to, and deliveries.
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { verifySignature } from "@dealix/webhooks";
import { makeEvent, signedRequest } from "@dealix/webhooks/testing";
import { SECRET } from "./command.mjs";

/** Sends a genuine event, unless the options say otherwise. */
export const send = (url, fields = {}, options = {}) =>
  fetch(signedRequest({ secret: SECRET, event: makeEvent({ type: "deal.won", ...fields }), url, ...options }));

/** A receiver that keeps what it got. */
export async function target(t, handle = (_request, response) => response.writeHead(204).end()) {
  const got = [];
  const server = createServer(async (request, response) => {
    const { url, rawHeaders, headers } = request;
    got.push({ url, rawHeaders, headers, body: await buffer(request) });
    handle(request, response, got.at(-1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.closeAllConnections(), server.close()));
  return { got, url: `http://127.0.0.1:${server.address().port}/hook?tenant=1` };
}

/** Whether what it got is genuine now. */
export const isSigned = ({ headers, body }) =>
  verifySignature({ secret: SECRET, signatureHeader: headers["dealix-signature"], body }).valid;
