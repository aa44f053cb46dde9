// The customers' endpoints, all on one server: each verifies what it gets, answers as it is told to, and keeps a log.
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { Webhook } from "@dealix/webhooks";

export class Endpoints {
  #server = createServer((request, response) => this.#receive(request, response));
  #byName = new Map();
  #port;
  /** Deliveries that did not verify, each as a sentence. */
  refused = [];

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = this.#server.address().port;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** An endpoint that answers with 204 until it is told otherwise. */
  add(name, secret) {
    const endpoint = new Endpoint(name, secret, `http://127.0.0.1:${this.#port}/${name}`);
    this.#byName.set(name, endpoint);
    return endpoint;
  }

  get all() {
    return [...this.#byName.values()];
  }

  async #receive(request, response) {
    const endpoint = this.#byName.get(request.url.slice(1));
    if (endpoint.isDown) {
      request.socket.destroy();
      endpoint.attempts.push({ at: Date.now(), outcome: "no_response" });
      return;
    }
    const attempt = { at: Date.now(), outcome: "pending" };
    endpoint.attempts.push(attempt);
    response.once("close", () => {
      attempt.outcome = response.writableFinished ? outcomeOf(response.statusCode) : "timed_out";
      if (attempt.outcome === "delivered")
        endpoint.arrived.set(attempt.id, (endpoint.arrived.get(attempt.id) ?? 0) + 1);
      if (attempt.outcome === "answered_4xx") endpoint.rejected.add(attempt.id);
    });
    const { event, error } = endpoint.webhook.check(await buffer(request), request.headers);
    if (error) this.refused.push(`${endpoint.name}: ${error.message}`);
    Object.assign(attempt, { id: request.headers["dealix-event-id"], event });
    endpoint.answer(response);
  }
}

class Endpoint {
  /** Every attempt that reached it: when, for which event, and how it ended. */
  attempts = [];
  /** How often each event was answered with a 2xx. */
  arrived = new Map();
  /** The events that were answered with a 4xx. */
  rejected = new Set();
  isDown = false;

  constructor(name, secret, url) {
    Object.assign(this, { name, url, customerId: `cus_${name}` });
    this.setSecrets(secret);
    this.recover();
  }

  setSecrets(...secrets) {
    this.secret = secrets[0];
    this.webhook = new Webhook(secrets);
  }

  recover() {
    this.isDown = false;
    this.answer = (response) => response.writeHead(204).end();
  }

  answerWith(status, body = "") {
    this.answer = (response) => response.writeHead(status, { "content-type": "text/plain" }).end(body);
  }

  answerAfter(milliseconds) {
    this.answer = (response) => setTimeout(() => response.writeHead(204).end(), milliseconds);
  }

  hang() {
    this.answer = () => {};
  }

  /** Every connection is cut off. */
  goDown() {
    this.isDown = true;
  }
}

function outcomeOf(status) {
  return status < 300 ? "delivered" : `answered_${Math.floor(status / 100)}xx`;
}
