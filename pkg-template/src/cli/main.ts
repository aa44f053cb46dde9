#!/usr/bin/env node
// The command `dealix-webhooks`: dispatch, help and exit statuses. 0 is yes, 1 is no, 2 is a mistake in the arguments.
import { WebhookError } from "../errors.js";
import { UsageError } from "./arguments.js";
import { check, CHECK } from "./check/command.js";
import { explain, EXPLAIN } from "./explain.js";
import { replay, REPLAY } from "./forward/replay.js";
import { listen, LISTEN } from "./listen/command.js";
import { manifest } from "./manifest.js";
import { didYouMean } from "./nearest.js";
import { COMMAND, warn } from "./output.js";
import { page, PAGE } from "./page.js";
import { send, SEND } from "./send.js";
import { sign, SIGN } from "./sign.js";
import { verify, VERIFY } from "./verify.js";

/** A command takes the arguments after its name and returns the exit status. */
type Command = { run(words: string[]): Promise<number>; help: string };

const COMMANDS: Record<string, Command> = {
  sign: { run: sign, help: SIGN },
  verify: { run: verify, help: VERIFY },
  explain: { run: explain, help: EXPLAIN },
  send: { run: send, help: SEND },
  listen: { run: listen, help: LISTEN },
  replay: { run: replay, help: REPLAY },
  check: { run: check, help: CHECK },
  page: { run: page, help: PAGE },
};

const HELP = `\
${COMMAND} <command>

  listen    receive deliveries on this machine, show the verdict on each, and
            pass them on to your receiver
  replay    resend deliveries that listen kept
  send      send a signed event to a URL, and show the response
  check     send genuine and hostile deliveries to a receiver, and report
  sign      print the Dealix-Signature header for a body
  verify    say whether a delivery's signature is good
  explain   say why a signature fails, and what to do
  page      say where to get the page that does these three in a browser

The secret comes from the environment variable DEALIX_WEBHOOK_SECRET, or else
from standard input; never from an argument. With --json each prints JSON.
"${COMMAND} <command> --help" says more.

Try a receiver:

  export DEALIX_WEBHOOK_SECRET=whsec_test
  ${COMMAND} listen &
  ${COMMAND} send --to http://localhost:4000 --type deal.won
`;

async function main([name = "--help", ...words]: string[]): Promise<number> {
  if (["--version", "-V"].includes(name)) return print(`dealix-webhooks ${manifest().version}\n`);
  if (["--help", "-h", "help"].includes(name)) return print(commandOf(words[0])?.help ?? HELP);
  const command = commandOf(name);
  if (!command) {
    return mistake(`there is no such command${didYouMean(name, Object.keys(COMMANDS))}`, `${COMMAND} --help`);
  }
  if (words.includes("--help") || words.includes("-h")) return print(command.help);
  try {
    return await command.run(words);
  } catch (error) {
    if (error instanceof UsageError) return mistake(error.message, `${COMMAND} ${name} --help`);
    // The package's own messages say what to do.
    if (error instanceof WebhookError) return mistake(error.message);
    throw error;
  }
}

function commandOf(name = ""): Command | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
}

function print(help: string): number {
  process.stdout.write(help);
  return 0;
}

function mistake(message: string, help?: string): number {
  warn(`dealix-webhooks: ${message}${help === undefined ? "" : `\nSee ${help}`}`);
  return 2;
}

// If nobody reads the output any more, as in `… | head`, there is nothing left to do.
process.stdout.on("error", () => process.exit(1));
process.exitCode = await main(process.argv.slice(2));
