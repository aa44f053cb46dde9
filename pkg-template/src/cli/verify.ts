import { verifySignature } from "../index.js";
import { parse } from "./arguments.js";
import { delivery, DELIVERY_HELP, DELIVERY_OPTIONS } from "./delivery.js";
import { readSecret } from "./input.js";
import { COMMAND, green, json, line, red } from "./output.js";

export const VERIFY = `\
${COMMAND} verify --body BODY --signature HEADER

Says whether a delivery's signature is good; the exit status is 0 if it is,
and 1 if it is refused.

${DELIVERY_HELP}
  --json                   {"valid", "error"}

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} verify --body @body.json --signature "$header"
`;

export async function verify(words: string[]): Promise<number> {
  const options = parse(words, DELIVERY_OPTIONS);
  const { headers, ...rest } = delivery(options);
  const { valid, error } = verifySignature({ secret: await readSecret(), signatureHeader: headers, ...rest });
  if (options.json) json({ valid, error });
  else
    line(valid ? `${green("✓")} valid` : `${red("✗")} ${error}; \`${COMMAND} explain\` with the same options says why`);
  return valid ? 0 : 1;
}
