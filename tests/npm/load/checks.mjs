// What must be so after a load. Each check says what was seen, and whether it is met.
import { KINDS, NO_RESPONSE } from "./deliveries.mjs";
import { quarters } from "./quarters.mjs";

const MB = 1e6;
/** What may be added between the third and the last quarter of the time: a part of what was there, or else this much. */
const MOST_ADDED = 0.1;
const MEMORY_ROOM = 8 * MB;
/** Of what is not garbage: deliveries in flight take some. */
const USED_ROOM = 4 * MB;
const DISK_ROOM = 64 * MB;

export function checksOf({ part, runs }) {
  if (part === "sender") return runs.flatMap(senderChecks);
  const without = runs.find(({ verifies }) => !verifies);
  return runs.filter(({ verifies }) => verifies).flatMap((run) => receiverChecks(part, run, without));
}

function receiverChecks(part, run, without) {
  const { counts, handled, unhandled, strays, unanswered, samples } = run;
  const answers = Object.entries(counts).flatMap(([kind, own]) =>
    Object.entries(own).map(([status, count]) => ({ kind, status, count })),
  );
  const wrong = answers.filter((answer) => !isRight(part, answer));
  const errors = answers.filter(({ status }) => status.startsWith("5"));
  const others = Object.entries(handled).filter(([kind]) => kind !== "valid");
  const accepted = counts.valid[204] ?? 0;
  const kinds = Object.keys(KINDS).filter((kind) => Object.keys(counts[kind]).length === 0);
  return [
    {
      what: `${part}: every response has the status of its kind`,
      isMet: wrong.length === 0 && kinds.length === 0 && unanswered === 0,
      seen: inWords([
        ...wrong.map(({ kind, status, count }) => `${count} ${kind} got ${status}`),
        ...kinds.map((kind) => `no ${kind} was sent`),
        unanswered > 0 && `${unanswered} were still waiting at the end`,
      ]),
    },
    {
      what: `${part}: no 5xx`,
      isMet: errors.length === 0,
      seen: inWords(errors.map(({ kind, status, count }) => `${count} ${kind} got ${status}`)),
    },
    {
      what: `${part}: the handler ran once for each valid delivery, and for nothing else`,
      isMet: handled.valid === accepted && unhandled + strays === 0 && others.length === 0,
      seen: inWords([
        `${handled.valid ?? 0} runs for ${accepted} valid deliveries`,
        unhandled > 0 && `${unhandled} events were not handled`,
        strays > 0 && `${strays} were handled twice`,
        ...others.map(([kind, count]) => `${count} ${kind} were handled`),
      ]),
    },
    flat(`${part}: memory is flat`, samples, "memoryBytes", MEMORY_ROOM, without?.samples),
    flat(`${part}: used memory is flat`, samples, "usedBytes", USED_ROOM),
  ];
}

/** workerd cuts off a client that still sends after the response, which the client may then not see. */
function isRight(part, { kind, status }) {
  return status === `${KINDS[kind].status}` || (part === "worker" && kind === "oversized" && status === NO_RESPONSE);
}

function senderChecks(run) {
  const { database, sent, arrived, again, heldBack, faulty, deadLetters, samples } = run;
  const refused = faulty.find(({ name }) => name === "refuses_").sent;
  const retried = faulty.filter(({ name }) => name !== "refuses_");
  const lost = retried.filter((one) => one.pending !== one.sent || one.deadLetters !== 0);
  return [
    {
      what: `${database}: every event arrived`,
      isMet: arrived === sent,
      seen: `${arrived} of ${sent}, ${again} of them more than once`,
    },
    {
      what: `${database}: what an endpoint refuses is a dead letter, and nothing else is`,
      isMet: deadLetters === refused,
      seen: `${deadLetters} dead letters for ${refused} refusals`,
    },
    {
      what: `${database}: what fails in another way waits for its next attempt`,
      isMet: lost.length === 0,
      seen: inWords(retried.map(({ name, pending, sent }) => `${name.slice(0, -1)} ${pending} of ${sent}`)),
    },
    { what: `${database}: kept up`, isMet: heldBack === 0, seen: `${heldBack} events were held back` },
    flat(`${database}: the worker’s memory is flat`, samples, "memoryBytes", MEMORY_ROOM),
    flat(`${database}: the tables are flat`, samples, "storedBytes", DISK_ROOM),
    flat(`${database}: the write-ahead log is flat`, samples, "walBytes", DISK_ROOM),
  ];
}

/**
 * Compares the third quarter of the time with the last. A garbage collector moves the median or the minimum for a while;
 * what leaks moves both. What the runtime itself adds in that time, `control` shows.
 */
export function flat(what, samples, key, room, control) {
  const { third, last } = quarters(samples, key);
  const [from, to] = [third, last].map(({ median }) => (median / MB).toFixed(1));
  const own = added(samples, key) - (control ? Math.max(0, added(control, key)) : 0);
  const most = Math.max(room, MOST_ADDED * third.median);
  return { what, isMet: own <= most, seen: `${from} MB, then ${to} MB (medians)` };
}

function added(samples, key) {
  const { third, last } = quarters(samples, key);
  return Math.min(last.median - third.median, last.least - third.least);
}

function inWords(parts) {
  return parts.filter(Boolean).join(", ") || "none other";
}
