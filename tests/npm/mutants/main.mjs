// `cargo xtask mutants-npm`: changes the package's TypeScript in each small way, one at a time, and fails if the tests notice
// no difference. What may survive is in survivors.json, with the reason.
import { join, resolve } from "node:path";
import process from "node:process";
import { manifest } from "../runtimes/process.mjs";
import { filesInScope, instrument } from "./instrument.mjs";
import { judgeOf, listChecks, measure, pooled } from "./judging.mjs";
import { options } from "./options.mjs";
import { isExplained, report } from "./report.mjs";

const source = resolve("pkg-template/src");
const { folder } = manifest("@dealix/webhooks");
const from = Date.now();
const say = (text) => console.error(`mutants: ${text}`);

const { isChosen, isJson } = options(process.argv.slice(2), filesInScope(source));
const all = await instrument(source, join(folder, "src"), join(folder, "dist"));
for (const mutant of all) mutant.isExplained = isExplained(mutant);
const mutants = all.filter(isChosen);
say(`${mutants.length} of ${all.length}`);
if (mutants.length > 0) {
  const { checks, loaded } = await listChecks();
  await measure(checks);
  say(`${checks.length} tests judge them`);
  let judged = 0;
  await pooled(mutants, () => {
    const { run, end } = judgeOf({ all, checks, loaded });
    return {
      async run(mutant) {
        Object.assign(mutant, await run(mutant));
        judged += 1;
        if (judged % 50 === 0) say(`${judged} judged`);
      },
      end,
    };
  });
}
process.exitCode = report(mutants, (Date.now() - from) / 1000, isJson) ? 0 : 1;
