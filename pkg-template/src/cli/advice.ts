import { COMMAND } from "./output.js";

/** What the package's advice says of its own calls, and what it is in this command's options. */
const WORDS: readonly (readonly [api: string, command: string])[] = [
  ["`otherSecrets` tries", "--other-secret-env NAME tries"],
  ["Pass seconds: `Math.floor(Date.now() / 1000)`.", "Give --now in seconds."],
  ["Pass all of the request's headers;", "Give all of the request's headers, as with --headers @FILE;"],
  ["Pass the request's headers as they are, or the header's text; in a Map of your own, write the names in lower case.", "Give the header with its text."],
  ["or use `signPayload`", `or use \`${COMMAND} sign\``],
  ["or `verifyLambda` of @dealix/webhooks/node", "or give the decoded body as --body @FILE"],
];

/** A diagnosis's advice for those who call this command. */
export function commandAdvice(advice: string): string {
  return WORDS.reduce((text, [api, command]) => text.replaceAll(api, command), advice);
}
