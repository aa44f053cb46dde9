// The suite in every Node that is supported, the package imported and required.
import { record } from "./runtimes/matrix.mjs";
import { program, run, script, suiteIn } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";

for (const major of [20, 22, 24, 26]) {
  const node = program(`node-${major}/bin/node`);
  const version = (await run(node, ["--version"])).trim().slice(1);
  report(`node ${major} esm`, await suiteIn(node, [script("suite-esm.mjs")]));
  const checks = report(`node ${major} cjs`, await suiteIn(node, [script("suite-cjs.cjs")]));
  record(`Node ${major}`, version, `suite of ${checks} checks, imported and required`);
}
