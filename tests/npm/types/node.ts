// Compile-time tests with Node's own types.
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { signPayload, verifySignature, Webhook, type DealixEvent } from "@dealix/webhooks";

const webhook = new Webhook([process.env["CURRENT_SECRET"], process.env["PREVIOUS_SECRET"]]);

export function receive(request: IncomingMessage, rawBody: Buffer): DealixEvent {
  webhook.check(rawBody.toString(), request.headers["dealix-signature"]);
  webhook.check(rawBody, request.headersDistinct);
  verifySignature({ secret: process.env["SECRET"], signatureHeader: request.headers, body: Buffer.concat([rawBody]) });
  signPayload({ secret: process.env["SECRET"], body: rawBody });
  return webhook.verify(rawBody, request.headers);
}

export async function receiveFetch(request: Request): Promise<string> {
  const { error } = webhook.check(await request.arrayBuffer(), request.headers);
  return error?.code ?? "valid";
}
