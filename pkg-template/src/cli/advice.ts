import { COMMAND } from "./output.js";

/**
 * Phrases about the package's functions in its advice, each with the phrase about this command's options that replaces
 * it.
 */
const WORDS: readonly (readonly [api: string, command: string])[] = [
  ["`otherSecrets` tries", "--other-secret-env NAME tries"],
  ["Pass seconds: `Math.floor(Date.now() / 1000)`.", "Give --now in seconds."],
  ["Pass all of the request's headers;", "Give all of the request's headers, as with --headers @FILE;"],
  [
    "Pass the request's headers as they are, or the header's text; " +
      "in a Map of your own, write the names in lower case.",
    "Give the header with its text.",
  ],
  ["or use `signPayload`", `or use \`${COMMAND} sign\``],
  ["or `verifyLambda` of @dealix/webhooks/node", "or give the decoded body as --body @FILE"],
];

/** A diagnosis's advice, worded for this command's users. */
export function commandAdvice(advice: string): string {
  return WORDS.reduce((text, [api, command]) => text.replaceAll(api, command), advice);
}
