import { makeEvent, signedRequest } from "../testing.js";
import { parse, required, UsageError, wholeNumber } from "./arguments.js";
import { content, readSecret, warnOfWrapping } from "./input.js";
import { bold, dim, green, json, line, printable, printableLines, red, report } from "./output.js";

export const SEND = `\
dealix-webhooks send --to URL --type TYPE

Sends a signed event as Dealix would, and shows the request, the answer and the time it took. The exit status is 0 if the
answer is a 2xx, and 1 if it is not.

  --to URL           where to
  --type TYPE        the event's type, such as deal.won
  --data DATA        the event's data, a JSON object: @FILE is a file, - is standard input; {} by default
  --customer ID      the customer; cus_test by default
  --id ID            the event's id; a fresh one by default. Send an event twice with it, to see that you handle it once
  --timestamp TIME   when it is signed, in seconds since 1970; now by default
  --json             {"request", "response", "milliseconds"}

  DEALIX_WEBHOOK_SECRET=whsec_test dealix-webhooks send --to http://localhost:3000/webhooks/dealix --type deal.won
`;

/** As long as Dealix waits. */
const TIMEOUT_MILLISECONDS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export async function send(words: string[]): Promise<number> {
  const options = parse(words, {
    to: { type: "string" },
    type: { type: "string" },
    data: { type: "string", default: "{}" },
    customer: { type: "string" },
    id: { type: "string" },
    timestamp: { type: "string" },
  });
  const url = endpoint(required("to", options.to));
  const event = eventText(options);
  const timestamp = wholeNumber("timestamp", options.timestamp);
  const secret = await readSecret();
  const request = signedRequest({ secret, event, url, timestamp });
  request.headers.set("User-Agent", "Dealix-Webhooks/1.0");
  warnOfWrapping(secret);
  const shown = { url: request.url, headers: Object.fromEntries(request.headers), body: await request.clone().text() };
  if (!options.json) showRequest(shown);
  const { response, milliseconds } = await exchange(request);
  if (options.json) json({ request: shown, response, milliseconds });
  else if ("error" in response) report(`${red("✗")} no answer after ${milliseconds} ms: ${printable(response.error)}`);
  else showResponse(response, milliseconds);
  return "status" in response && response.status >= 200 && response.status < 300 ? 0 : 1;
}

function endpoint(to: string): URL {
  const url = URL.canParse(to) ? new URL(to) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") throw new UsageError(`--to ${to} is no http or https URL`);
  if (url.username || url.password) throw new UsageError("--to holds a user name or a password, which Dealix would not send");
  return url;
}

/** The event as JSON text, so that the numbers of the data keep their digits. */
function eventText({ type, data, customer, id }: { type?: string; data: string; customer?: string; id?: string }): string {
  const given = content("data", data);
  const text = typeof given === "string" ? given : utf8(given);
  if (!isObject(text)) throw new UsageError(`--data is not a JSON object, such as '{"amount": 12.5}'`);
  const { data: _, ...rest } = makeEvent({
    type: required("type", type),
    ...(customer !== undefined && { customer_id: customer }),
    ...(id !== undefined && { id }),
  });
  return `${JSON.stringify(rest).slice(0, -1)},"data":${text}}`;
}

/** What is no UTF-8 would be sent as U+FFFD, and nobody told. */
function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError("--data is not UTF-8 text");
  }
}

function isObject(text: string): boolean {
  try {
    return JSON.parse(text) !== null && text.trimStart().startsWith("{");
  } catch {
    return false;
  }
}

type Answer = { status: number; headers: Record<string, string>; body: string } | { error: string };

async function exchange(request: Request): Promise<{ response: Answer; milliseconds: number }> {
  const start = performance.now();
  const took = (response: Answer) => ({ response, milliseconds: Math.round(performance.now() - start) });
  try {
    // Dealix follows no redirect.
    const response = await fetch(request, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    return took({ status: response.status, headers: Object.fromEntries(response.headers), body: await answerText(response) });
  } catch (error) {
    const { cause = error } = error as Error;
    return took({ error: (cause as Error).message || String(cause) });
  }
}

/** The start of an answer's body. */
async function answerText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode((chunk as Uint8Array).subarray(0, MAX_ANSWER_BYTES - length), { stream: true });
    length += (chunk as Uint8Array).length;
    if (length >= MAX_ANSWER_BYTES) break;
  }
  return text;
}

function showRequest({ url, headers, body }: { url: string; headers: Record<string, string>; body: string }): void {
  line(bold(`POST ${printable(url)}`));
  showRest(headers, body);
}

function showResponse({ status, headers, body }: Extract<Answer, { status: number }>, milliseconds: number): void {
  const isGood = status >= 200 && status < 300;
  line(`${isGood ? green("✓") : red("✗")} ${bold(`answered ${status}`)} after ${milliseconds} ms`);
  showRest(headers, body);
}

function showRest(headers: Record<string, string>, body: string): void {
  for (const [name, value] of Object.entries(headers)) line(dim(`${name}: ${printable(value)}`));
  line("");
  if (body !== "") line(`${printableLines(body)}\n`);
}
