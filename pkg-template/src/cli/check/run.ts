import { type Delivery, deliver } from "../deliver.js";
import type { Case } from "./case.js";
import { BODIES } from "./cases/bodies.js";
import { FORGED } from "./cases/forged.js";
import { GENUINE } from "./cases/genuine.js";
import { HEADERS } from "./cases/headers.js";
import { ROTATION, TWO_SECRETS } from "./cases/rotation.js";
import { type Cure, cureFor } from "./cures.js";
import { type Obstacle, obstacle } from "./first-look.js";
import { type Answer, judge } from "./judge.js";
import type { Kit } from "./kit.js";

/** The result of one case. */
export interface Checked extends Partial<Cure> {
  readonly name: string;
  readonly what: string;
  readonly expected: string;
  /** A status for each delivery; null if there was no response. */
  readonly statuses: readonly (number | null)[];
  readonly milliseconds: number;
  readonly result: "pass" | "note" | "fail";
  readonly problem: string | null;
  /** The receiver is down: nothing more is sent. */
  readonly isGone?: boolean;
}

const EXPECTED: Record<Case["expected"], string> = {
  accept: "2xx",
  refuse: "4xx",
  survive: "2xx or 4xx",
  concurrent: "2xx, or 503 while another is in progress",
  limit: "413, or the end of the connection",
};

export function casesFor({ previous }: Kit): Case[] {
  return [...GENUINE, ...ROTATION, ...(previous === undefined ? [] : TWO_SECRETS), ...FORGED, ...HEADERS, ...BODIES];
}

/** Finds out whether a receiver is there. */
export async function lookFirst(url: URL, kit: Kit): Promise<Obstacle | null> {
  const body = kit.event();
  const deliveries = [kit.signed(body), kit.signed(body, { secret: kit.foreign }), kit.delivery(body)];
  const answers: Answer[] = [];
  for (const delivery of deliveries) {
    const { response } = await deliver(url, delivery);
    answers.push(response);
    if ("code" in response) break;
  }
  const [genuine, forged = genuine, unsigned = forged] = answers as [Answer, ...Answer[]];
  return obstacle(genuine, forged, unsigned);
}

export async function runCase(url: URL, kit: Kit, one: Case): Promise<Checked> {
  const deliveries = [one.make(kit)].flat();
  const start = performance.now();
  const answers = one.expected === "concurrent" ? await together(url, deliveries) : await inTurn(url, deliveries);
  const milliseconds = Math.round(performance.now() - start);
  const { result, problem, isLeak, isGone } = judge(one, answers, [
    ...kit.confidential,
    ...rightSignatures(kit, deliveries),
  ]);
  const { name, what, expected, cure } = one;
  const statuses = answers.map((answer) => ("code" in answer ? null : answer.status));
  const advice = result === "pass" ? {} : cureFor(isLeak ? "leak" : cure);
  return {
    name,
    what,
    expected: EXPECTED[expected],
    statuses,
    milliseconds,
    result,
    problem,
    ...(isGone && { isGone }),
    ...advice,
  };
}

async function inTurn(url: URL, deliveries: readonly Delivery[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const delivery of deliveries) answers.push((await deliver(url, delivery)).response);
  return answers;
}

async function together(url: URL, deliveries: readonly Delivery[]): Promise<Answer[]> {
  const exchanges = await Promise.all(deliveries.map((delivery) => deliver(url, delivery)));
  return exchanges.map(({ response }) => response);
}

/** The signatures that would be right for what was sent, without those that were in it. */
function rightSignatures(kit: Kit, deliveries: readonly Delivery[]): string[] {
  return deliveries.flatMap(({ headers, body }) => {
    const sent = headers.map(([, value]) => value).join();
    const time = /t=(\d{1,16}),/.exec(sent)?.[1];
    const right = time === undefined ? [] : kit.rightMacs(time, body);
    return right.filter((mac) => !sent.includes(mac));
  });
}
