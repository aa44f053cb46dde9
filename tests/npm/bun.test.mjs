// The suite in Bun: the package imported, required, bundled, and compiled into one executable.
import { join } from "node:path";
import { record } from "./runtimes/matrix.mjs";
import { consumerIn, program, run, script, suiteIn } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";
import { withFolder } from "./runtimes/folder.mjs";

const bun = program("@oven/bun-linux-x64/bin/bun");
await withFolder(async (folder) => {
  const env = { ...process.env, HOME: folder, DO_NOT_TRACK: "1" };
  const version = (await run(bun, ["--version"], { env })).trim();
  const [bundle, executable] = ["bundle.mjs", "suite"].map((name) => join(folder, name));
  await run(bun, ["build", "--target=bun", script("suite-esm.mjs"), "--outfile", bundle], { env });
  await run(bun, ["build", "--compile", script("suite-esm.mjs"), "--outfile", executable], { env, cwd: folder });

  const here = { env, cwd: folder };
  await consumerIn(bun, ["--no-install"], here);
  report("bun, imported", await suiteIn(bun, ["--no-install", script("suite-esm.mjs")], here));
  report("bun, required", await suiteIn(bun, ["--no-install", script("suite-cjs.cjs")], here));
  report("bun build", await suiteIn(bun, ["--no-install", bundle], here));
  const checks = report("bun build --compile", await suiteIn(executable, [], here));
  record("Bun", version, `suite of ${checks} checks: imported, required, \`bun build\`, \`bun build --compile\``);
});
