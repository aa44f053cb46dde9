import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { Webhook } from "../../index.js";
import { parseWithOperand, required, UsageError } from "../arguments.js";
import { deliver } from "../deliver.js";
import { endpoint } from "../endpoint.js";
import { readSecret } from "../input.js";
import { bold, COMMAND, green, json, line, printable, red } from "../output.js";
import { adviceOn, ending } from "../response-advice.js";
import { distrust } from "./folder.js";
import { signedWith } from "./pass-on.js";
import { recorded } from "./recording.js";

export const REPLAY = `\
${COMMAND} replay FILE|FOLDER --to URL

Resends deliveries that \`listen --save\` kept, in the order in which they
arrived: the same bodies and headers, with a new signature. The files are not
changed. The exit status is 0 if each got a 2xx, and 1 if not.

  --to URL           the receiver's address
  --json             a line for each file: {"file", "status", "milliseconds",
                     "advice"} or {"file", "error"}

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} replay deliveries \\
    --to http://localhost:3000/webhooks/dealix
`;

interface Result {
  file: string;
  isAccepted: boolean;
  status?: number | null;
  milliseconds?: number;
  brokeOff?: true;
  /** What to do; null if nothing is. */
  advice: string | null;
  /** Why it was not sent. */
  error?: string;
}

export async function replay(words: string[]): Promise<number> {
  const { values, operand } = parseWithOperand(words, { to: { type: "string" } }, "FILE or FOLDER");
  const url = endpoint("to", required("to", values.to));
  const files = filesOf(operand);
  const webhook = new Webhook(await readSecret());
  let accepted = 0;
  for (const file of files) {
    const { isAccepted, ...result } = await replayOne(file, url, webhook);
    if (isAccepted) accepted += 1;
    if (values.json) json(result);
    else show(isAccepted, result);
  }
  if (!values.json && files.length > 1) line(`${accepted} of ${files.length} were accepted`);
  return accepted === files.length ? 0 : 1;
}

function filesOf(operand: string): string[] {
  const found = readable(() => statSync(operand, { throwIfNoEntry: false }));
  if (found === undefined) throw new UsageError("there is no such FILE or FOLDER");
  if (!found.isDirectory()) return [operand];
  const reason = readable(() => distrust(operand));
  if (reason !== null) throw new UsageError(`FOLDER: ${reason}`);
  const entries = readable(() => readdirSync(operand));
  const names = entries.filter((name) => name.endsWith(".json") && !name.startsWith("."));
  if (names.length === 0) throw new UsageError("the FOLDER contains no deliveries: `listen --save FOLDER` writes them");
  return names.sort().map((name) => join(operand, name));
}

/** Node's own messages quote the path. */
function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`FILE or FOLDER cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function replayOne(path: string, url: URL, webhook: Webhook): Promise<Result> {
  const file = basename(path);
  const delivery = recorded(path);
  if (typeof delivery === "string") {
    const advice = `It is damaged, or not a file of \`listen --save\`: receive it again; for a body alone, use \`send --event @FILE\`.`;
    return { file, isAccepted: false, error: `the file ${delivery}`, advice };
  }
  const { response, milliseconds } = await deliver(url, signedWith(webhook.sign(delivery.body), delivery));
  const advice = adviceOn(response);
  const { status = null, brokeOff } = "code" in response ? {} : response;
  return { file, isAccepted: advice === null, status, milliseconds, ...(brokeOff && { brokeOff }), advice };
}

function show(isAccepted: boolean, result: Omit<Result, "isAccepted">): void {
  const { file, status, milliseconds, advice, error } = result;
  const seen = error ?? (status === null ? "no response" : `answered ${status}`);
  const time = milliseconds === undefined ? "" : ` after ${milliseconds} ms`;
  line(`${isAccepted ? green("✓") : red("✗")} ${bold(printable(file))}: ${seen}${time}${ending(result)}`);
  if (advice !== null) line(`  ${printable(advice)}`);
}
