// The report card, for people.
import { bold, dim, green, line, printable, red } from "../output.js";
import type { Checked } from "./run.js";

const MARKS = { pass: green("✓"), note: "!", fail: red("✗") };

/** Printed as soon as a case is done, which shows the progress. */
export function showCase({ name, what, expected, statuses, milliseconds, result, problem }: Checked): void {
  const seen = statuses.map((status) => status ?? "none").join(" ");
  line(`${MARKS[result]} ${name.padEnd(22)}${what.padEnd(50)}${seen.padStart(4)}  ${dim(`${milliseconds} ms`)}`);
  if (problem !== null) line(`    ${printable(problem)}; expected ${expected}`);
}

/** What to do, once for each cause. */
export function showCures(all: readonly Checked[]): void {
  const wrong = all.filter(({ result }) => result !== "pass");
  for (const docs of new Set(wrong.map(({ cure }) => cure))) {
    const same = wrong.filter(({ cure }) => cure === docs);
    const [{ why, cure, docs: link } = {} as Checked] = same;
    line("");
    line(bold(same.map(({ name }) => name).join(", ")));
    line(`  Why it matters: ${why}`);
    line(`  What to do: ${cure}`);
    line(`  ${link}`);
  }
}

export function showSummary(all: readonly Checked[]): void {
  const count = (wanted: Checked["result"]) => all.filter(({ result }) => result === wanted).length;
  line("");
  line(bold(`${count("pass")} passed, ${count("fail")} failed, ${count("note")} to note`));
}
