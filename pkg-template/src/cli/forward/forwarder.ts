// What `listen` does with a delivery beyond its own verdict: keeps it, and passes it on.
import type { Webhook } from "../../index.js";
import { type Delivery, deliver } from "../deliver.js";
import { warn } from "../output.js";
import { adviceOn, isFinal } from "../response-advice.js";
import { LOOP, MARK } from "./loop.js";
import { headerPairs, passedOn, signedWith } from "./pass-on.js";
import { record } from "./recording.js";

/** Each holds a body of up to 1 MiB in memory. */
const MOST_IN_PROGRESS = 64;

export interface ForwarderOptions {
  /** Where deliveries are sent on to; undefined if they are not. */
  readonly target: URL | undefined;
  /** Whether genuine deliveries are signed again, now. Others are then not passed on: it would make them genuine. */
  readonly resigns: boolean;
  /** The folder to keep genuine deliveries in; undefined if they are not kept. */
  readonly folder: string | undefined;
  readonly webhook: Webhook;
}

/** What arrived. */
export interface Arrival {
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly isGenuine: boolean;
  readonly at: Date;
}

/** The target's response to a delivery, or the failure instead of it. */
export interface Forwarded {
  /** The target's status; null if there was no response. */
  readonly status: number | null;
  /** What the sender gets, so that it tries again if the target has not received the delivery. */
  readonly answered: number;
  readonly retryAfter?: string | undefined;
  /** The error's code if there was no response. */
  readonly code?: string;
  readonly advice: string | null;
  readonly milliseconds: number;
  readonly brokeOff?: true;
}

export interface Handled {
  readonly saved?: string;
  readonly forwarded?: Forwarded;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  #inProgress = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  async handle(arrival: Arrival): Promise<Handled> {
    const { target, folder } = this.#options;
    if (target === undefined && folder === undefined) return {};
    if (this.#inProgress >= MOST_IN_PROGRESS) return { forwarded: BUSY };
    this.#inProgress += 1;
    try {
      return await this.#handle(arrival);
    } finally {
      this.#inProgress -= 1;
    }
  }

  async #handle({ rawHeaders, body, isGenuine, at }: Arrival): Promise<Handled> {
    const { target, folder, resigns, webhook } = this.#options;
    const delivery: Delivery = { method: "POST", headers: passedOn(headerPairs(rawHeaders)), body };
    // Saved first: whatever happens to the target or this process, it is not lost. Only what is genuine: replaying
    // signs it again.
    const saved = folder !== undefined && isGenuine ? await save(folder, delivery, at) : undefined;
    const isPassedOn = target !== undefined && (isGenuine || !resigns);
    const outgoing = resigns && isGenuine ? signedWith(webhook.sign(body), delivery) : delivery;
    const forwarded = isPassedOn ? await forward(target, outgoing) : undefined;
    return { ...(saved !== undefined && { saved }), ...(forwarded && { forwarded }) };
  }
}

const BUSY: Forwarded = {
  status: null,
  answered: 503,
  code: "BUSY",
  advice: `It was neither passed on nor saved: ${MOST_IN_PROGRESS} others are in progress.`,
  milliseconds: 0,
};

async function save(folder: string, delivery: Delivery, at: Date): Promise<string | undefined> {
  try {
    return await record(folder, delivery, at);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    warn(
      `dealix-webhooks: a delivery was not saved (${code}): is there space in the --save folder, and can you write to it?`,
    );
    return undefined;
  }
}

async function forward(target: URL, delivery: Delivery): Promise<Forwarded> {
  const marked = { ...delivery, headers: [...delivery.headers, MARK] };
  const { response, milliseconds } = await deliver(target, marked);
  const advice = adviceOn(response);
  if ("code" in response) {
    const { code } = response;
    return { status: null, answered: code === "ETIMEDOUT" ? 504 : 502, code, advice, milliseconds };
  }
  const { status, headers, brokeOff } = response;
  // Nobody has received the delivery where it was sent to.
  const isUnreceived = !isFinal(status) || (status >= 300 && status < 400);
  return {
    status,
    answered: isUnreceived ? 502 : status,
    retryAfter: headers["retry-after"],
    advice: status === 508 ? `${LOOP}.` : advice,
    milliseconds,
    ...(brokeOff && { brokeOff }),
  };
}
