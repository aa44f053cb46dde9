import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";

const SOURCE = "pkg-template/src/";

/** Which of the mutants to judge, and how to report. `all` are the files in scope. */
export function options(words, all) {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { since: { type: "string" }, json: { type: "boolean" } },
  });
  const named = positionals.map((path) => path.replace(SOURCE, ""));
  const unknown = named.find((name) => !all.some((file) => file.startsWith(name)));
  if (unknown !== undefined)
    throw new Error(`${unknown} is not mutated; these are, below ${SOURCE}: ${all.join(", ")}`);
  const isNamed = ({ file }) => named.length === 0 || named.some((name) => file.startsWith(name));
  const isChanged = values.since === undefined ? () => true : changedSince(values.since);
  return { isChosen: (mutant) => isNamed(mutant) && isChanged(mutant), isJson: values.json === true };
}

/** Whether a mutant lies in a line that was changed since a commit. */
function changedSince(ref) {
  const diff = execFileSync("git", ["diff", "--unified=0", "--no-color", ref, "--", SOURCE], { encoding: "utf8" });
  const changes = new Map();
  let ranges;
  for (const line of diff.split("\n")) {
    const [, file] = /^\+\+\+ b\/pkg-template\/src\/(.*)$/.exec(line) ?? [];
    if (file !== undefined) changes.set(file, (ranges = []));
    const [, from, count = "1"] = /^@@ .* \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (from !== undefined && count !== "0") ranges.push([Number(from), Number(from) + Number(count) - 1]);
  }
  return ({ file, first, last }) => (changes.get(file) ?? []).some(([from, to]) => first <= to && last >= from);
}
