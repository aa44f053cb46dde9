// The suite in every Node that is supported, the package imported and required; and the tests of ./node.
import { test } from "node:test";
import { record } from "./runtimes/matrix.mjs";
import { consumerIn, program, run, script, suiteIn } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";

// Else the tests would report in this run's own way.
const { NODE_TEST_CONTEXT, ...outsideOfThisRun } = process.env;

for (const major of [20, 22, 24, 26]) {
  const node = program(`node-${major}/bin/node`);
  const version = (await run(node, ["--version"])).trim().slice(1);
  report(`node ${major} esm`, await suiteIn(node, [script("suite-esm.mjs")]));
  const checks = report(`node ${major} cjs`, await suiteIn(node, [script("suite-cjs.cjs")]));
  await consumerIn(node, []);
  test(`node ${major}: handlers, and calls that are cut off`, { timeout: 120_000 }, () =>
    run(node, ["--test", ...["node-handler", "lambda", "interruption"].map((name) => script(`../${name}.test.mjs`))], {
      env: outsideOfThisRun,
    }),
  );
  record(`Node ${major}`, version, `suite of ${checks} checks, imported and required; \`./node\` over real HTTP`);
}
