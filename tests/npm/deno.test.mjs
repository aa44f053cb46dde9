// The suite in Deno without any permission.
import { withFolder } from "./runtimes/folder.mjs";
import { record } from "./runtimes/matrix.mjs";
import { consumerIn, program, run, script, suiteIn } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";

const deno = program("@deno/linux-x64-glibc/deno");
await withFolder(async (folder) => {
  const env = { ...process.env, DENO_DIR: folder, DENO_NO_UPDATE_CHECK: "1" };
  const [, version] = /^deno (\S+)/.exec(await run(deno, ["--version"], { env }));
  const words = ["run", "--no-prompt", "--no-remote", "--no-lock", "--quiet", script("suite-esm.mjs")];
  await consumerIn(deno, words.slice(0, -1), { env });
  const checks = report("deno", await suiteIn(deno, words, { env }));
  record("Deno", version, `suite of ${checks} checks, without permissions`);
});
