// Whether a receiver's response is right.
import type { Failure, Received } from "../exchange.js";
import { isFinal } from "../response-advice.js";
import type { Case } from "./case.js";

export type Answer = Received | Failure;

export interface Judgement {
  readonly result: "pass" | "note" | "fail";
  /** What is wrong with the response; null if nothing is. */
  readonly problem: string | null;
  /** The response shows the secret. */
  readonly isLeak?: boolean;
  /** The receiver is down, so there is no point in continuing. */
  readonly isGone?: boolean;
}

const PASS: Judgement = { result: "pass", problem: null };

/** How a receiver may respond while another request is working on the same event. */
const BUSY = [409, 425, 429, 503];

export function judge({ expected, isNote = false, cure }: Case, answers: readonly Answer[], confidential: string[]) {
  const problems = answers.map((answer) => {
    if ("code" in answer) return expected === "limit" ? closed(answer) : noAnswer(answer);
    const { status, headers, body } = answer;
    const seen = [body, ...Object.entries(headers).flat()];
    if (confidential.some((secret) => seen.some((text) => text.includes(secret)))) return LEAK;
    if (expected === "concurrent" && BUSY.includes(status)) return PASS;
    // A server that knows only some methods says so with 501.
    if (cure === "method" && status === 501) return PASS;
    return judgeStatus(status, expected, isNote);
  });
  const isNeverAccepted = !answers.some((answer) => "status" in answer && isSuccess(answer.status));
  if (expected === "concurrent" && isNeverAccepted) return fail("none of them was accepted");
  return problems.find(({ result }) => result === "fail") ?? problems.find(({ result }) => result === "note") ?? PASS;
}

const LEAK: Judgement = { ...fail("the answer contains the secret, or the right signature"), isLeak: true };

function judgeStatus(status: number, expected: Case["expected"], isNote: boolean): Judgement {
  if (!isFinal(status)) return fail(`it answered ${status}, which is not the status of a response`);
  if (status >= 500) return fail(`it answered ${status}`);
  if (status >= 300 && status < 400) return fail(`it answered ${status}, which is not followed`);
  if (expected === "survive") return PASS;
  const mustAccept = expected === "accept" || expected === "concurrent";
  if (mustAccept) return isSuccess(status) ? PASS : fail(`it refused this with ${status}`);
  if (!isSuccess(status)) return PASS;
  return isNote
    ? { result: "note", problem: `it accepted this with ${status}` }
    : fail(`it accepted this with ${status}`);
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** A receiver that stops reading may close the connection before its response can be read. */
function closed(failure: Failure): Judgement {
  return ["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(failure.code) ? PASS : noAnswer(failure);
}

function noAnswer({ code }: Failure): Judgement {
  if (code === "ECONNREFUSED") return { ...fail("nothing is listening there any more: did it crash?"), isGone: true };
  return fail(
    code === "ETIMEDOUT" ? "it did not answer within 10 s" : `it closed the connection without an answer (${code})`,
  );
}

function fail(problem: string): Judgement {
  return { result: "fail", problem };
}
