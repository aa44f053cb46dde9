// What of a paste may be in a link: what says something about a signature. The rest may be nobody else's business.

type Headers = readonly (readonly [name: string, value: string])[];

const NAMES = new Set([
  "dealix-signature",
  "dealix-event-id",
  "dealix-event-type",
  "dealix-delivery-attempt",
  "content-type",
  "content-encoding",
  "content-length",
  "host",
  "user-agent",
  // By these `diagnose` knows another provider.
  "stripe-signature",
  "svix-signature",
  "webhook-signature",
  "x-shopify-hmac-sha256",
  "x-hub-signature",
  "x-hub-signature-256",
  "x-github-event",
  "x-slack-signature",
  "paddle-signature",
  "x-twilio-signature",
  "x-square-hmacsha256-signature",
  "paypal-transmission-sig",
]);

export function shareable(headers: Headers): Headers {
  return headers.filter(([name]) => NAMES.has(name.toLowerCase()));
}

/** One line of a signature's parts: no colon, so no other header, and no blank word of a command. */
const SIGNATURE = /^[\s"'`]*(t|v\d+)(=|%3D)[\w \t,;=+/%"'`.-]{0,8192}$/i;
const CREDENTIAL = /authorization|bearer|basic|cookie|token|secret|key|password|curl/i;

/** Whether text is a signature header, if perhaps a damaged one. */
export function isSignature(text: string): boolean {
  return SIGNATURE.test(text) && !CREDENTIAL.test(text);
}
