import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { isIP, type AddressInfo } from "node:net";
import { envelopeFault } from "../webhook/envelope.js";
import { WebhookError, WebhookVerificationError } from "../errors.js";
import { isKnownEvent, Webhook, type DealixEvent } from "../index.js";
import { rawBody } from "../node.js";
import { nodeRequest } from "../handlers/node/request.js";
import { respond } from "../handlers/node/respond.js";
import { statusOf } from "../handlers/status.js";
import type { Diagnosis } from "../testing.js";
import { parse, UsageError, wholeNumber } from "./arguments.js";
import { Diagnoser } from "./diagnoser.js";
import { forCommand, inWords } from "./explain.js";
import { namedSecrets, readSecret } from "./input.js";
import { bold, COMMAND, dim, green, json, line, printable, red, warn } from "./output.js";

export const LISTEN = `\
${COMMAND} listen

Receives deliveries on this machine, on any path, and shows the verdict on
each: 204 for a genuine one; 4xx for one that is refused, with the cause and
what to do. It looks for the cause after it has responded, and if many are
refused at once, not for all of them. Ctrl-C ends it.

  --port PORT              4000 by default; 0 takes a free one
  --host HOST              127.0.0.1 by default, which only this machine can
                           reach
  --max-age-seconds N      how old a signature may be; 300 by default
  --other-secret-env NAME  an environment variable with the secret of another
                           endpoint, to recognize it; may be repeated
  --show-data              show the events' data too
  --json                   a line for each delivery: {"valid", "event"} or
                           {"valid", "verdict", "cause", …}

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} listen
`;

/** The outcome of one request. */
type Outcome = { valid: true; event: DealixEvent } | Refusal;

interface Refusal {
  valid: false;
  error: WebhookError;
  /** Null if there was no time for it; absent if the error says it all. */
  diagnosis?: Diagnosis | null;
}

/** The status to respond with, and the outcome to report after that; null if there is nothing to report. */
type Receive = (request: IncomingMessage) => Promise<{ status: number; outcome(): Outcome | Promise<Outcome> | null }>;

export async function listen(words: string[]): Promise<number> {
  const options = parse(words, {
    port: { type: "string", default: "4000" },
    host: { type: "string", default: "127.0.0.1" },
    "max-age-seconds": { type: "string" },
    "other-secret-env": { type: "string", multiple: true },
    "show-data": { type: "boolean", default: false },
  });
  const otherSecrets = namedSecrets("other-secret-env", options["other-secret-env"] ?? []);
  const maxAgeSeconds = wholeNumber("max-age-seconds", options["max-age-seconds"]);
  const port = wholeNumber("port", options.port, 0) ?? 0;
  if (port > 65_535) throw new UsageError("--port is not between 0 and 65535");
  const secret = await readSecret();
  const server = serve(receiver(secret, otherSecrets, maxAgeSeconds), (outcome, arrived) => {
    if (options.json) json(forPrograms(outcome));
    else show(outcome, arrived, options["show-data"]);
  });
  const url = await start(server, port, options.host);
  if (options.json) json({ url });
  else line(`listening on ${bold(url)} on any path; Ctrl-C ends it`);
  await once(server, "close");
  return 0;
}

function receiver(secret: string, otherSecrets: Record<string, string>, maxAgeSeconds: number | undefined): Receive {
  const webhook = new Webhook(secret, { maxAgeSeconds });
  const diagnoser = new Diagnoser();
  return async (request) => {
    if (request.method !== "POST") return { status: 405, outcome: () => null };
    const { headers } = request;
    try {
      const body = await rawBody(request);
      const { valid, event, error } = webhook.check(body, headers);
      if (valid) return { status: 204, outcome: () => ({ valid, event }) };
      if (error.code === "invalid_envelope") throw error;
      // The time of arrival, since the diagnosis may come later.
      const delivery = { secret, otherSecrets, headers, body, maxAgeSeconds, now: Date.now() / 1000 };
      const outcome = async () => ({ valid, error, diagnosis: await diagnoser.diagnose(delivery) });
      return { status: statusOf(error), outcome };
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      const status = error instanceof WebhookVerificationError ? statusOf(error) : 400;
      return { status, outcome: () => ({ valid: false, error }) };
    }
  };
}

function serve(receive: Receive, report: (outcome: Outcome, arrived: Date) => void): Server {
  return createServer(async (request, response) => {
    const arrived = new Date();
    try {
      const { status, outcome } = await receive(request);
      respond({ request: nodeRequest(request), response }, status, status === 405 ? { Allow: "POST" } : {});
      const found = await outcome();
      if (found !== null) report(found, arrived);
    } catch (error) {
      // The client hung up part-way.
      if (!request.destroyed) warn(`dealix-webhooks: ${(error as Error).message}`);
      response.destroy();
    }
  });
}

async function start(server: Server, port: number, host: string): Promise<string> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EADDRINUSE" ? "another program listens there" : code;
    throw new UsageError(`cannot listen on ${isIP(host) ? host : "this --host"}, port ${port}: ${reason}`);
  }
  const { address, family, port: bound } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`;
}

function forPrograms(outcome: Outcome): object {
  if (outcome.valid) return outcome;
  const { valid, error, diagnosis } = outcome;
  if (diagnosis) return { valid, ...forCommand(diagnosis) };
  return { valid, verdict: error.code, message: inShort(outcome), details: error.details };
}

function show(outcome: Outcome, arrived: Date, showData: boolean): void {
  const [first, ...rest] = outcome.valid ? event(outcome.event, showData) : refused(outcome);
  line(`${dim(arrived.toTimeString().slice(0, 8))} ${first}`);
  for (const text of rest) line(text);
}

function event(event: DealixEvent, showData: boolean): string[] {
  const unknown = isKnownEvent(event) ? "" : dim(", a type newer than this package");
  const first = `${green("✓")} ${bold(printable(event.type))} ${printable(event.id)}${unknown}`;
  return showData ? [first, `  ${printable(JSON.stringify(event.data))}`] : [first];
}

function refused(refusal: Refusal): string[] {
  if (refusal.diagnosis) return inWords(refusal.diagnosis);
  return [`${red("✗")} ${refusal.error.code}`, `  ${printable(inShort(refusal))}`];
}

/** What to say without a diagnosis. The error's own advice is about the package's functions. */
function inShort({ error, diagnosis }: Refusal): string {
  const { code, message, details } = error;
  if (diagnosis === null) return "Not diagnosed: too many were refused at once.";
  if (code === "body_too_large") return `The body is over ${details.maxBodyBytes} bytes.`;
  if (code === "invalid_envelope") return `The signature is good, but ${envelopeFault(details.field)}.`;
  return message;
}
