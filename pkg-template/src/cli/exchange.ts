// One request and its answer.

/** As long as Dealix waits. */
const TIMEOUT_MILLISECONDS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Why there is no answer, in the runtime's own words, and its code. */
export interface Failure {
  error: string;
  code: string;
}

export async function exchange(request: Request): Promise<{ response: Answer | Failure; milliseconds: number }> {
  const start = performance.now();
  const response = await answer(request).catch(failure);
  return { response, milliseconds: Math.round(performance.now() - start) };
}

async function answer(request: Request): Promise<Answer> {
  // Dealix follows no redirect.
  const response = await fetch(request, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await answerText(response) };
}

function failure(thrown: Error): Failure {
  const { cause = thrown } = thrown;
  const { name, code, message } = cause as Error & { code?: unknown };
  const known = name === "TimeoutError" ? "ETIMEDOUT" : String(code ?? message);
  return { error: message || known, code: known };
}

/** The start of an answer's body. */
async function answerText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode((chunk as Uint8Array).subarray(0, MAX_ANSWER_BYTES - length), { stream: true });
    length += (chunk as Uint8Array).length;
    if (length >= MAX_ANSWER_BYTES) break;
  }
  return text;
}
