// Both ways to hash, held to the whole suite: the host for every body, and wasm for every body. The package crosses
// over at a length; in two copies of it that length is another.
import assert from "node:assert/strict";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { copyWithCrossover } from "./runtimes/crossover.mjs";
import { program, run, suiteIn } from "./runtimes/process.mjs";
import { report } from "./runtimes/report.mjs";
import { withFolder } from "./runtimes/folder.mjs";

const hosts = {
  "node 20": [program("node-20/bin/node")],
  "node 24": [program("node-24/bin/node")],
  deno: [program("@deno/linux-x64-glibc/deno"), "run", "--no-remote"],
  bun: [program("@oven/bun-linux-x64/bin/bun"), "--no-install"],
};

/** Counts how often a body of 500 bytes, and of 500,000, is hashed by node:crypto. */
const COUNT = `
  const crypto = process.getBuiltinModule("node:crypto");
  let calls = 0;
  for (const name of ["hash", "createHash"]) {
    const original = crypto[name];
    crypto[name] = (...words) => ((calls += words[1] === "" ? 0 : 1), original(...words));
  }
  const { signPayload } = await import("@dealix/webhooks");
  for (const length of [500, 500_000]) signPayload({ secret: "s", body: "x".repeat(length) });
  console.log(calls);
`;

await hashedBy("the host", "0", hosts);
await hashedBy("wasm", "Infinity", { "node 24": hosts["node 24"] });

async function hashedBy(way, length, runtimes) {
  await withFolder(async (folder) => {
    await copyWithCrossover(folder, length);
    for (const part of ["runtimes", "suite", "bundlers"])
      await cp(join(import.meta.dirname, part), join(folder, "tests", part), { recursive: true });
    await writeFile(join(folder, "count.mjs"), COUNT);
    for (const [runtime, [command, ...words]] of Object.entries(runtimes)) {
      const env = {
        ...process.env,
        HOME: folder,
        DENO_DIR: join(folder, "deno"),
        DENO_NO_UPDATE_CHECK: "1",
        DO_NOT_TRACK: "1",
      };
      const calls = await run(command, [...words, join(folder, "count.mjs")], { cwd: folder, env });
      test(`${runtime}: what is hashed by ${way}`, () => assert.equal(calls.trim(), length === "0" ? "2" : "0"));
      report(
        `${runtime}, hashed by ${way}`,
        await suiteIn(command, [...words, join(folder, "tests/runtimes/suite-esm.mjs")], { cwd: folder, env }),
      );
    }
  });
}
