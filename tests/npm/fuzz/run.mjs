// Runs cases, and tells what to do about the first that fails.
import { caseOf } from "./cases.mjs";
import { checker } from "./check.mjs";
import { smallest } from "./shrink.mjs";

/**
 * Checks that many cases on a copy of the package, in any runtime. Returns how often each verdict was right, and what
 * to do about the first failure, or null; both can be sent as JSON.
 */
export async function runCases(webhooks, { seed, cases }) {
  const check = checker(webhooks);
  const verdicts = {};
  for (let number = 0; number < cases; number += 1) {
    const kase = caseOf(seed + number);
    try {
      const verdict = await check(kase);
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    } catch (error) {
      return { verdicts, failure: await report(check, kase, error, seed, number) };
    }
  }
  return { verdicts, failure: null };
}

async function report(check, kase, error, seed, number) {
  const failure = async (one) => {
    try {
      await check(one);
      return null;
    } catch (error) {
      return error;
    }
  };
  const least = await smallest(kase, async (one) => (await failure(one)) !== null);
  const lines = [
    `${(await failure(least)) ?? error}`,
    `The smallest case found: ${shortened(JSON.stringify(least))}`,
    `To see it again: DEALIX_FUZZ_SEED=${seed + number} DEALIX_FUZZ_CASES=1`,
    `If it needs the cases before it: DEALIX_FUZZ_SEED=${seed} DEALIX_FUZZ_CASES=${number + 1}`,
  ];
  return lines.join("\n");
}

function shortened(text) {
  return text.length > 4000 ? `${text.slice(0, 4000)}…` : text;
}
