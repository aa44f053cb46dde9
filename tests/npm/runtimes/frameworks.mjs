// The rows of docs/frameworks.md. `cargo xtask test` writes the table once the whole run is green.
import assert from "node:assert/strict";
import { keep } from "./matrix.mjs";

/**
 * Notes that a framework's example passed `checkAnswers` and `assertCleanCard`.
 *
 * - `version`: of the framework, or of the host that ran it
 * - `example`: the file in `examples/` that its user copies
 * - `builds`: how it is built and started, in a few words: "`nuxt build`, `node`"
 * - `oversized`: the status of a body over 1 MiB
 * - `mistake`, `says`: what its users typically get wrong, and what the error or the log then says, in a few words
 * - `seen`: all that the error or the log said when the test made the mistake; `says` is a part of it
 */
export function recordFramework(name, { version, example, builds, oversized = 413, mistake, says, seen }) {
  assert.ok(seen.includes(says), `${name}: ${JSON.stringify(says)} is not in ${seen}`);
  // `checkAnswers` accepts no other statuses for a genuine delivery, which is in Arabic, and for a forged one.
  keep("frameworks", { name, version, example, builds, verified: 204, forged: 400, oversized, mistake, says });
}
