import type { IncomingMessage } from "node:http";
import { WebhookError, WebhookVerificationError } from "../../errors.js";
import { readStream } from "../../handlers/node/read-stream.js";
import type { NodeRequest, RequestStream } from "../../handlers/node/request.js";
import { statusOf } from "../../handlers/status.js";
import type { Webhook } from "../../index.js";
import { bodyLimits } from "../../input/reading/limits.js";
import { Diagnoser } from "../diagnoser.js";
import type { Outcome } from "./outcome.js";

/** The result of one request. */
export interface Received {
  /** The status to respond with, unless the delivery is passed on. */
  readonly status: number;
  /** Absent if it has not arrived in full. */
  readonly body?: Uint8Array;
  readonly isGenuine: boolean;
  /** To report after the response; null if there is nothing to report. */
  outcome(): Outcome | Promise<Outcome> | null;
}

export type Receive = (request: IncomingMessage) => Promise<Received>;

export interface ReceiverOptions {
  readonly secret: string;
  readonly webhook: Webhook;
  readonly otherSecrets: Record<string, string>;
  readonly maxAgeSeconds: number | undefined;
}

export function receiver({ secret, webhook, otherSecrets, maxAgeSeconds }: ReceiverOptions): Receive {
  const diagnoser = new Diagnoser();
  // One budget for all requests.
  const limits = bodyLimits({});
  return async (request) => {
    if (request.method !== "POST") return { status: 405, isGenuine: false, outcome: () => null };
    const { headers } = request;
    let body: Uint8Array;
    try {
      body = await readStream(request as NodeRequest as RequestStream, limits);
    } catch (error) {
      return refused(error);
    }
    const { valid, event, error } = webhook.check(body, headers);
    if (valid) return { status: 204, body, isGenuine: true, outcome: () => ({ valid, event }) };
    if (error.code === "invalid_envelope") return { ...refused(error), body };
    // The time of arrival, since the diagnosis may come later.
    const delivery = { secret, otherSecrets, headers, body, maxAgeSeconds, now: Date.now() / 1000 };
    const outcome = async () => ({ valid, error, diagnosis: await diagnoser.diagnose(delivery) });
    return { status: statusOf(error), body, isGenuine: false, outcome };
  };
}

function refused(error: unknown): Received {
  if (!(error instanceof WebhookError)) throw error;
  const status = error instanceof WebhookVerificationError ? statusOf(error) : 400;
  return { status, isGenuine: false, outcome: () => ({ valid: false, error }) };
}
