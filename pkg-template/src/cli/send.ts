import { EVENT_TYPES } from "../index.js";
import { makeEvent, signedRequest, type SignedRequestOptions } from "../testing.js";
import { adviceOn, ending } from "./response-advice.js";
import { parse, required, UsageError, wholeNumber } from "./arguments.js";
import { endpoint } from "./endpoint.js";
import { exchange, type Received } from "./exchange.js";
import { content, readSecret, utf8 } from "./input.js";
import { didYouMean } from "./nearest.js";
import { bold, COMMAND, cut, dim, green, json, line, printable, printableLines, red, warn } from "./output.js";

export const SEND = `\
${COMMAND} send --to URL --type TYPE

Sends a signed event as Dealix would, and shows the request, the response, the
time it took, and what to do about a response that is not a 2xx. The exit
status is 0 for a 2xx, and 1 for anything else.

  --to URL           the receiver's address
  --type TYPE        the event's type, such as deal.won
  --data DATA        the event's data, a JSON object: @FILE is a file, - is
                     standard input; the default is the type's sample, which
                     exposes a receiver that parses the body and writes it
                     again
  --customer ID      the customer; cus_test by default
  --id ID            the event's id; a new one by default. Send two events
                     with the same id to check that you handle them once
  --event @FILE      instead of these: the body of a recorded delivery, which
                     is sent byte for byte
  --timestamp TIME   when it is signed, in seconds since 1970; now by default
  --json             {"request", "response", "advice", "milliseconds"}

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} send --to http://localhost:3000/webhooks/dealix \\
    --type deal.won
`;

const EVENT_OPTIONS = {
  type: { type: "string" },
  data: { type: "string" },
  customer: { type: "string" },
  id: { type: "string" },
  event: { type: "string" },
} as const;

type EventOptions = ReturnType<typeof parse<typeof EVENT_OPTIONS>>;

/** An HTML page says little beyond this, and `--json` has it all. */
const MOST_LINES = 20;
const MOST_CHARACTERS = 2_000;

export async function send(words: string[]): Promise<number> {
  const options = parse(words, { to: { type: "string" }, timestamp: { type: "string" }, ...EVENT_OPTIONS });
  const url = endpoint("to", required("to", options.to));
  const event = options.event === undefined ? made(options) : recorded(options);
  const timestamp = wholeNumber("timestamp", options.timestamp, 0);
  const secret = await readSecret();
  const request = signedRequest({ secret, ...event, url, timestamp });
  request.headers.set("User-Agent", "Dealix-Webhooks/1.0");
  const shown = { url: request.url, headers: Object.fromEntries(request.headers), body: await request.clone().text() };
  if (!options.json) showRequest(shown);
  const { response, milliseconds } = await exchange(request);
  const advice = adviceOn(response);
  if (options.json) json({ request: shown, response, advice, milliseconds });
  else if ("code" in response) {
    warn(`${red("✗")} no response after ${milliseconds} ms (${printable(response.code)})\n  ${advice}`);
  } else showResponse(response, milliseconds, advice);
  return advice === null ? 0 : 1;
}

/** An event made from the options; as JSON text if it has data, so that its numbers keep their digits. */
function made({ type, data, customer, id }: EventOptions): Pick<SignedRequestOptions, "event"> {
  const event = makeEvent({
    type: required("type", type),
    ...(customer !== undefined && { customer_id: customer }),
    ...(id !== undefined && { id }),
  });
  noteUnknown(event.type);
  if (data === undefined) return { event };
  const text = utf8("data", content("data", data));
  if (!isObject(text)) throw new UsageError(`--data is neither a JSON object, such as '{"amount": 12.5}', nor @FILE`);
  const { data: _, ...rest } = event;
  return { event: `${JSON.stringify(rest).slice(0, -1)},"data":${text}}` };
}

function noteUnknown(type: string): void {
  if ((EVENT_TYPES as readonly string[]).includes(type)) return;
  warn(`note: this version of the package does not know the event type${didYouMean(type, EVENT_TYPES)}`);
}

function recorded({ event = "", ...others }: EventOptions): Pick<SignedRequestOptions, "body"> {
  for (const option of ["type", "data", "customer", "id"] as const) {
    if (others[option] !== undefined) throw new UsageError(`--event is a whole event: leave out --${option}`);
  }
  const body = content("event", event);
  if (!isObject(utf8("event", body))) {
    throw new UsageError("--event is neither a recorded event, as a JSON object, nor @FILE");
  }
  return { body };
}

function isObject(text: string): boolean {
  try {
    return JSON.parse(text) !== null && text.trimStart().startsWith("{");
  } catch {
    return false;
  }
}

function showRequest({ url, headers, body }: { url: string; headers: Record<string, string>; body: string }): void {
  line(bold(`POST ${printable(url)}`));
  showRest(headers, body);
}

function showResponse(response: Received, milliseconds: number, advice: string | null): void {
  const { status, headers, body } = response;
  const first = `${bold(`answered ${status}`)} after ${milliseconds} ms${ending(response)}`;
  line(`${advice === null ? green("✓") : red("✗")} ${first}`);
  if (advice !== null) line(`  ${printable(advice)}`);
  showRest(headers, cut(body, MOST_LINES, MOST_CHARACTERS));
}

function showRest(headers: Record<string, string>, body: string): void {
  for (const [name, value] of Object.entries(headers)) line(dim(`${name}: ${printable(value)}`));
  line("");
  if (body !== "") line(`${printableLines(body)}\n`);
}
