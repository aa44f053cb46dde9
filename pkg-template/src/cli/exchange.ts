// One request and its response.

/** How long Dealix waits. */
export const TIMEOUT_MILLISECONDS = 10_000;
const MAX_RESPONSE_BYTES = 64 * 1024;

export interface Received {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The connection broke off before the body was complete. */
  brokeOff?: true;
}

/** Why there is no response, in the runtime's own words, with its code. */
export interface Failure {
  error: string;
  code: string;
}

export interface Exchange {
  response: Received | Failure;
  milliseconds: number;
}

export function exchange(request: Request): Promise<Exchange> {
  return timed(() => receive(request));
}

/** How long a response took, or the failure instead of it. */
export async function timed(receive: () => Promise<Received>): Promise<Exchange> {
  const start = performance.now();
  const response = await receive().catch(failure);
  return { response, milliseconds: Math.round(performance.now() - start) };
}

async function receive(request: Request): Promise<Received> {
  // Dealix does not follow redirects.
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const response = await fetch(request, { redirect: "manual", signal });
  const rest = await startOf(response.body ?? [], signal);
  return { status: response.status, headers: Object.fromEntries(response.headers), ...rest };
}

function failure(thrown: Error): Failure {
  const { cause = thrown } = thrown;
  const { name, code, message } = cause as Error & { code?: unknown };
  const known = name === "TimeoutError" ? "ETIMEDOUT" : String(code ?? message);
  return { error: message || known, code: known };
}

/** The start of a response's body, as text: what has arrived, if the connection breaks off. Fails after a timeout. */
export async function startOf(
  chunks: AsyncIterable<unknown> | Iterable<unknown>,
  signal: AbortSignal,
): Promise<Pick<Received, "body" | "brokeOff">> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  try {
    for await (const chunk of chunks) {
      text += decoder.decode((chunk as Uint8Array).subarray(0, MAX_RESPONSE_BYTES - length), { stream: true });
      length += (chunk as Uint8Array).length;
      if (length >= MAX_RESPONSE_BYTES) break;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return { body: text, brokeOff: true };
  }
  return { body: text };
}
