import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebhookError, WebhookVerificationError } from "../errors.js";
import { isKnownEvent, Webhook, type DealixEvent } from "../index.js";
import { answer } from "../node-answer.js";
import { rawBody } from "../node.js";
import { nodeRequest } from "../node-request.js";
import { statusOf } from "../receive.js";
import { diagnose, type Diagnosis } from "../testing.js";
import { parse, UsageError, wholeNumber } from "./arguments.js";
import { inWords } from "./explain.js";
import { namedSecrets, readSecret, warnOfWrapping } from "./input.js";
import { bold, dim, green, json, line, printable, red, report } from "./output.js";

export const LISTEN = `\
dealix-webhooks listen

Receives deliveries on this machine, on any path, and shows the verdict on each: 204 for a genuine one; 400 for one that is
refused, with the cause and what to do. Ends with Ctrl-C.

  --port PORT              4000 by default; 0 takes a free one
  --host HOST              127.0.0.1 by default, which this machine alone reaches
  --max-age-seconds N      how old a signature may be; 300 by default
  --other-secret-env NAME  an environment variable with the secret of another endpoint, to be told apart; may be repeated
  --show-data              show the events' data, too
  --json                   a line for each delivery: {"valid", "event"} or {"valid", "verdict", "cause", …}

  DEALIX_WEBHOOK_SECRET=whsec_test dealix-webhooks listen
`;

/** What one request came to. */
type Outcome = { valid: true; event: DealixEvent } | { valid: false; diagnosis: Diagnosis } | { valid: false; error: WebhookError };

type Receive = (request: IncomingMessage) => Promise<{ status: number; outcome?: Outcome }>;

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
  const port = wholeNumber("port", options.port) ?? 0;
  if (port < 0 || port > 65_535) throw new UsageError(`--port ${port} is not within 0 to 65535`);
  const secret = await readSecret();
  warnOfWrapping(secret);
  const server = serve(receiver(secret, otherSecrets, maxAgeSeconds), (outcome) => {
    if (options.json) json(forPrograms(outcome));
    else show(outcome, options["show-data"]);
  });
  const url = await start(server, port, options.host);
  if (options.json) json({ url });
  else line(`listening on ${bold(url)} on any path; Ctrl-C ends it`);
  await once(server, "close");
  return 0;
}

function receiver(secret: string, otherSecrets: Record<string, string>, maxAgeSeconds: number | undefined): Receive {
  const webhook = new Webhook(secret, { maxAgeSeconds });
  return async (request) => {
    if (request.method !== "POST") return { status: 405 };
    const { headers } = request;
    try {
      const body = await rawBody(request);
      const { valid, event, error } = webhook.check(body, headers);
      if (valid) return { status: 204, outcome: { valid, event } };
      const diagnosis = diagnose({ secret, otherSecrets, headers, body, maxAgeSeconds });
      return { status: 400, outcome: diagnosis.verdict === null ? { valid, error } : { valid, diagnosis } };
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      return { status: error instanceof WebhookVerificationError ? statusOf(error) : 400, outcome: { valid: false, error } };
    }
  };
}

function serve(receive: Receive, tell: (outcome: Outcome) => void): Server {
  return createServer(async (request, response) => {
    try {
      const { status, outcome } = await receive(request);
      if (outcome) tell(outcome);
      answer({ request: nodeRequest(request), response }, status);
    } catch (error) {
      // The client hung up half-way.
      if (!request.destroyed) report(`dealix-webhooks: ${(error as Error).message}`);
      response.destroy();
    }
  });
}

async function start(server: Server, port: number, host: string): Promise<string> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    throw new UsageError(`cannot listen on ${host}, port ${port}: ${(error as Error).message}`);
  }
  const { address, family, port: bound } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`;
}

function forPrograms(outcome: Outcome): object {
  if (outcome.valid) return outcome;
  if ("diagnosis" in outcome) return { valid: false, ...outcome.diagnosis };
  const { code, message, details } = outcome.error;
  return { valid: false, verdict: code, message, details };
}

function show(outcome: Outcome, showData: boolean): void {
  const time = dim(new Date().toTimeString().slice(0, 8));
  const [first, ...rest] = outcome.valid ? event(outcome.event, showData) : refused(outcome);
  line(`${time} ${first}`);
  for (const text of rest) line(text);
}

function event(event: DealixEvent, showData: boolean): string[] {
  const unknown = isKnownEvent(event) ? "" : dim(", a type newer than this package");
  const first = `${green("✓")} ${bold(printable(event.type))} ${printable(event.id)}${unknown}`;
  return showData ? [first, `  ${printable(JSON.stringify(event.data))}`] : [first];
}

function refused(outcome: Extract<Outcome, { valid: false }>): string[] {
  if ("diagnosis" in outcome) return inWords(outcome.diagnosis);
  const { code, message } = outcome.error;
  return [`${red("✗")} ${code}`, `  ${printable(message)}`];
}
