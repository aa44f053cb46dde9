import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Those that may survive: for each reason, the mutants that it explains. */
const EXPLAINED = JSON.parse(readFileSync(join(import.meta.dirname, "survivors.json"), "utf8"));
const FIELDS = ["file", "mutator", "line", "original", "replacement"];

const keyOf = (mutant) => JSON.stringify(FIELDS.map((field) => mutant[field]));
const reasons = new Map(EXPLAINED.flatMap(({ reason, mutants }) => mutants.map((one) => [keyOf(one), reason])));

export const isExplained = (mutant) => reasons.has(keyOf(mutant));

/** Prints what came of the mutants, and returns whether each survivor is explained. */
export function report(mutants, seconds, isJson) {
  for (const mutant of mutants) {
    if (mutant.status === "survived" && isExplained(mutant))
      Object.assign(mutant, { status: "explained", by: reasons.get(keyOf(mutant)) });
  }
  const survivors = mutants.filter(({ status }) => status === "survived");
  if (isJson) console.log(JSON.stringify({ seconds, folders: Object.fromEntries(counted(mutants)), mutants }, null, 1));
  else print(mutants, survivors, seconds);
  return survivors.length === 0;
}

function print(mutants, survivors, seconds) {
  for (const { file, first, mutator, original, replacement, by } of survivors)
    console.log(
      `\npkg-template/src/${file}:${first} ${mutator}, ${by}\n${marked("-", original)}\n${marked("+", replacement)}`,
    );
  if (survivors.length > 0)
    console.log(
      "\nFor each of these, add a test that fails, remove the code, or explain it in tests/npm/mutants/survivors.json.",
    );
  const killed = mutants.filter((mutant) => /killed|timed/.test(mutant.status) && isExplained(mutant));
  for (const { file, line, replacement } of killed)
    console.log(`survivors.json explains what the tests notice: ${file}: ${line}, replaced with ${replacement}`);
  console.table(Object.fromEntries([...counted(mutants), ["all", counts(mutants)]]));
  console.log(`${Math.round(seconds / 6) / 10} minutes`);
}

const marked = (sign, text) => text.replace(/^/gm, `${sign} `);

function counted(mutants) {
  const folders = [...new Set(mutants.map(({ file }) => dirname(file)))];
  return folders.map((folder) => [folder, counts(mutants.filter(({ file }) => dirname(file) === folder))]);
}

function counts(mutants) {
  const of = (wanted) => mutants.filter(({ status }) => status === wanted).length;
  const [killed, timedOut, explained, survived] = ["killed", "timed out", "explained", "survived"].map(of);
  return { mutants: mutants.length, killed, "timed out": timedOut, explained, survived };
}
