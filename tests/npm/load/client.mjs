// Sends one delivery as it says, and gives the status of the response.
import { request } from "node:http";
import { NO_RESPONSE } from "./deliveries.mjs";

/** A receiver gives a body ten seconds. */
const DRIPS = 25;
const DRIP_MS = 500;
const ABORT_AFTER_MS = 30;
const PATIENCE_MS = 20_000;

export function send({ url, agent }, { body = "", header, isAlone, isChunked, isDripped, isAborted }) {
  return new Promise((resolve) => {
    const headers = { "content-type": "application/json" };
    if (header !== undefined) headers["dealix-signature"] = header;
    if (!isChunked) headers["content-length"] = Buffer.byteLength(body);
    const sent = request(url, { method: "POST", headers, agent: isAlone ? false : agent, timeout: PATIENCE_MS });
    sent.on("response", (response) => {
      response.on("error", () => {}).resume();
      response.on("close", () => resolve(response.statusCode));
    });
    sent.on("timeout", () => sent.destroy());
    // After a response this changes nothing: a receiver may cut off a body that it has refused.
    sent.on("error", () => resolve(NO_RESPONSE));
    if (isDripped) drip(sent, body);
    else if (isAborted) abort(sent, body);
    else sent.end(body);
  });
}

/** A byte at a time, and never the whole body. */
function drip(sent, body) {
  let drips = 0;
  const timer = setInterval(() => {
    if (drips === DRIPS) sent.destroy();
    else sent.write(body[drips]);
    drips += 1;
  }, DRIP_MS);
  sent.on("response", (response) => response.on("close", () => sent.destroy()));
  sent.on("close", () => clearInterval(timer));
}

/** Half of the body, and then no connection. */
function abort(sent, body) {
  sent.write(body.slice(0, body.length / 2));
  setTimeout(() => sent.destroy(), ABORT_AFTER_MS);
}
