import { Webhook } from "../../index.js";
import { parse, required } from "../arguments.js";
import { endpoint } from "../endpoint.js";
import { namedSecrets, readSecret } from "../input.js";
import { COMMAND, json, line, printable, red, warn } from "../output.js";
import { Kit } from "./kit.js";
import { showCase, showCures, showSummary } from "./report.js";
import { type Checked, casesFor, lookFirst, runCase } from "./run.js";

export const CHECK = `\
${COMMAND} check --to URL

Checks a receiver in any language: sends it some fifty deliveries, genuine and
hostile, and says which responses are wrong, why that matters and what to do.
The exit status is 0 if all is well, 1 if something failed, and 2 if no
receiver responds.

The receiver handles the genuine ones as real events: of the type
"health.changed", for the customer "cus_check". Do not use it on production.

  --to URL                   the receiver's address
  --previous-secret-env NAME an environment variable with the secret that is
                             being rotated out, if the receiver holds both
  --json                     {"url", "passed", "failed", "notes", "checks",
                             "limits"}, or {"url", "error"}

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} check \\
    --to http://localhost:3000/webhooks/dealix
`;

const LIMITS =
  "Whether your handler ran only once for each event that was sent twice cannot be seen from here: " +
  "look for the customer cus_check in its log.";

export async function check(words: string[]): Promise<number> {
  const options = parse(words, { to: { type: "string" }, "previous-secret-env": { type: "string" } });
  const url = endpoint("to", required("to", options.to));
  const name = options["previous-secret-env"];
  const previous = name === undefined ? undefined : namedSecrets("previous-secret-env", [name])[name];
  const secret = await readSecret();
  // Refuses, as a receiver would, what an unset variable becomes in a string.
  void new Webhook(previous === undefined ? secret : [secret, previous]);
  const kit = new Kit(secret, previous);

  const found = await lookFirst(url, kit);
  if (found !== null) {
    if (options.json) json({ url, error: found.sentence });
    else warn(`${red("✗")} ${printable(found.sentence)}`);
    return found.isReceiver ? 1 : 2;
  }
  const all = await runAll(url, kit, options.json);
  const [passed, notes, failed] = (["pass", "note", "fail"] as const).map(
    (wanted) => all.filter(({ result }) => result === wanted).length,
  );
  if (options.json) json({ url, passed, failed, notes, checks: all, limits: LIMITS });
  else {
    showCures(all);
    showSummary(all);
    line(LIMITS);
  }
  return failed === 0 ? 0 : 1;
}

async function runAll(url: URL, kit: Kit, isForPrograms: boolean): Promise<Checked[]> {
  const cases = casesFor(kit);
  const all: Checked[] = [];
  for (const one of cases) {
    if (isForPrograms && process.stderr.isTTY) process.stderr.write(`\r${all.length + 1} of ${cases.length}`);
    const checked = await runCase(url, kit, one);
    all.push(checked);
    if (!isForPrograms) showCase(checked);
    if (checked.isGone) break;
  }
  if (isForPrograms && process.stderr.isTTY) process.stderr.write("\n");
  return all;
}
