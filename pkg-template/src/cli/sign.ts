import { Webhook } from "../index.js";
import { parse, required, wholeNumber } from "./arguments.js";
import { content, readSecret } from "./input.js";
import { COMMAND, json, line } from "./output.js";

export const SIGN = `\
${COMMAND} sign --body BODY

Prints the Dealix-Signature header for a body.

  --body BODY        @FILE is a file, - is standard input, anything else is
                     the body itself
  --timestamp TIME   when it is signed, in seconds since 1970; now by default
  --json             {"signatureHeader", "timestamp"}

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} sign --body @event.json
`;

export async function sign(words: string[]): Promise<number> {
  const options = parse(words, { body: { type: "string" }, timestamp: { type: "string" } });
  const body = content("body", required("body", options.body));
  const timestamp = wholeNumber("timestamp", options.timestamp, 0) ?? Math.floor(Date.now() / 1000);
  const secret = await readSecret();
  const signatureHeader = new Webhook(secret).sign(body, timestamp);
  if (options.json) json({ signatureHeader, timestamp });
  else line(signatureHeader);
  return 0;
}
