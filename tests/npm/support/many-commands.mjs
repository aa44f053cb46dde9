// Runs calls of the command, a list of lists of words in a message, one after the other in this process. Answers with
// what each printed.
import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { COMMAND } from "./command.mjs";

const cli = pathToFileURL(realpathSync(COMMAND));
const printed = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"])
  process[name].setMaxListeners(0).write = (text) => Boolean((printed[name] += text));

async function run(words, number) {
  Object.assign(printed, { stdout: "", stderr: "" });
  process.argv = [process.execPath, cli.pathname, ...words];
  // Importing it runs it, and a new address imports it again.
  await import(`${cli}?${number}`).catch(({ stack }) => {
    process.exitCode = 1;
    printed.stderr += stack;
  });
  return { code: process.exitCode, ...printed };
}

process.once("message", async (calls) => {
  const answers = [];
  for (const words of calls) answers.push(await run(words, answers.length));
  process.send(answers, () => process.exit(0));
});
