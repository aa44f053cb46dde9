import { diagnose, type Diagnosis } from "../testing.js";
import { commandAdvice } from "./advice.js";
import { parse } from "./arguments.js";
import { delivery, DELIVERY_HELP, DELIVERY_OPTIONS } from "./delivery.js";
import { namedSecrets, readSecret } from "./input.js";
import { bold, COMMAND, green, json, line, printable, red } from "./output.js";

export const EXPLAIN = `\
${COMMAND} explain --body BODY --signature HEADER

Says why a delivery's signature fails, and what to do. The exit status is 0
if it is good, and 1 if it is not. Pass all headers if you can: some causes
show only in headers other than the signature.

${DELIVERY_HELP}
  --other-secret-env NAME  an environment variable with the secret of another
                           endpoint; may be repeated
  --json                   {"verdict", "cause", "certain", "message",
                           "advice", "details"}

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} explain --body @body.json --headers @headers.txt
`;

export async function explain(words: string[]): Promise<number> {
  const options = parse(words, { ...DELIVERY_OPTIONS, "other-secret-env": { type: "string", multiple: true } });
  const otherSecrets = namedSecrets("other-secret-env", options["other-secret-env"] ?? []);
  const diagnosis = diagnose({ secret: await readSecret(), otherSecrets, ...delivery(options) });
  if (options.json) json(forCommand(diagnosis));
  else for (const text of inWords(diagnosis)) line(text);
  return diagnosis.verdict === null ? 0 : 1;
}

/** A diagnosis for programs. */
export function forCommand(diagnosis: Diagnosis): Diagnosis {
  return { ...diagnosis, advice: commandAdvice(diagnosis.advice) };
}

/** A diagnosis for people. */
export function inWords({ verdict, cause, certain, message, advice }: Diagnosis): string[] {
  if (verdict === null) return [`${green("✓")} valid`];
  const name = certain ? cause : `${cause}, probably`;
  return [`${red("✗")} ${verdict}`, `  ${bold(name)}: ${printable(message)}`, `  ${printable(commandAdvice(advice))}`];
}
