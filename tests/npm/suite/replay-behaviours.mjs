// What every store of the replay guard does, in every runtime.
import { equal, ok, same, throws } from "./assert.mjs";

/** Longer than the lease of one second that some checks let run out. */
const AFTER_LEASE = 1_200;

/**
 * `store` is the store to check. `isAtomic` is false for one that cannot keep two deliveries at the same moment apart.
 * The checks run at the same time, each with its own events, so that they all wait only once.
 */
export function replayBehaviours({ webhooks, testing, replay }, store, { isAtomic = true } = {}) {
  const { ReplayGuard } = replay;
  const { makeEvent, signedRequest } = testing;
  const guard = new ReplayGuard(store);
  const impatient = new ReplayGuard(store, { leaseSeconds: 1 });
  const refused = (run) => throws("WebhookReplayError", "delivery_in_progress", run);

  const checks = {
    "the first delivery runs the handler, and run resolves with its value": async () => {
      same(await guard.run(newId(), async () => "mine"), { duplicate: false, value: "mine" });
      same(await guard.run(newId(), () => 5), { duplicate: false, value: 5 });
    },

    "a duplicate of an event that was handled does not run it": async () => {
      const id = newId();
      await guard.run(id, () => {});
      for (let times = 0; times < 3; times += 1) same(await guard.run(id, unexpected), { duplicate: true });
    },

    "ids that look alike are apart": async () => {
      const visible = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
      const id = newId();
      for (const other of [
        id,
        id.toUpperCase(),
        `${id}%`,
        `${id}_`,
        `${id}:done`,
        `done:${id}`,
        `${id}/..`,
        `${id}${visible}`.slice(0, 128),
      ]) {
        equal((await guard.run(other, () => {})).duplicate, false, other);
        equal((await guard.run(other, unexpected)).duplicate, true, other);
      }
    },

    "a failing handler releases the event, and its error passes through": async () => {
      const id = newId();
      const mine = new RangeError("mine");
      for (const failing of [
        () => {
          throw mine;
        },
        () => Promise.reject(mine),
      ]) {
        equal(await guard.run(id, failing).catch((error) => error), mine);
      }
      same(await guard.run(id, () => "again"), { duplicate: false, value: "again" });
    },

    "a delivery of an event in progress: 503, and 204 once it is done": async () => {
      const secret = "whsec_replay";
      const event = makeEvent({ type: "deal.won" });
      const gate = newGate();
      let runs = 0;
      const work = async () => {
        runs += 1;
        gate.enter();
        await gate.opened;
      };
      const handler = webhooks.fetchHandler({ secret, onEvent: (event) => guard.run(event.id, work) });
      const delivery = () => handler(signedRequest({ secret, event }));
      const first = delivery();
      await gate.entered;
      const second = await delivery();
      same([second.status, await second.text()], [503, ""]);
      gate.open();
      equal((await first).status, 204);
      equal((await delivery()).status, 204);
      equal(runs, 1);
    },

    "a process that died holds the event until its lease ends": async () => {
      const id = newId();
      equal(await store.claim(id, "of one that died", 1), "claimed");
      const error = await refused(() => guard.run(id, unexpected));
      ok(error.message.includes(id) && error.message.includes("503"), error.message);
      await wait(AFTER_LEASE);
      same(await guard.run(id, () => "mine"), { duplicate: false, value: "mine" });
      same(await guard.run(id, unexpected), { duplicate: true });
    },

    "failing after the lease does not release another's claim": async () => {
      const id = newId();
      const [slow, next] = [newGate(), newGate()];
      const first = impatient.run(id, () => slow.failing());
      await slow.entered;
      await wait(AFTER_LEASE);
      const second = guard.run(id, () => next.waiting());
      await next.entered;
      slow.open();
      equal(await first.catch(({ message }) => message), "of the handler");
      await refused(() => guard.run(id, unexpected));
      next.open();
      equal((await second).duplicate, false);
      same(await guard.run(id, unexpected), { duplicate: true });
    },

    "failing after another has done the event does not undo it": async () => {
      const id = newId();
      const slow = newGate();
      const first = impatient.run(id, () => slow.failing());
      await slow.entered;
      await wait(AFTER_LEASE);
      equal((await guard.run(id, () => {})).duplicate, false);
      slow.open();
      equal(await first.catch(({ message }) => message), "of the handler");
      same(await guard.run(id, unexpected), { duplicate: true });
    },

    "finishing after the lease counts, although another claimed it": async () => {
      const id = newId();
      const [slow, next] = [newGate(), newGate()];
      const first = impatient.run(id, () => slow.waiting());
      await slow.entered;
      await wait(AFTER_LEASE);
      const second = guard.run(id, () => next.failing());
      await next.entered;
      slow.open();
      equal((await first).duplicate, false);
      same(await guard.run(id, unexpected), { duplicate: true });
      next.open();
      equal(await second.catch(({ message }) => message), "of the handler");
      same(await guard.run(id, unexpected), { duplicate: true });
    },

    "what is done is forgotten after keepSeconds, and not before": async () => {
      const id = newId();
      const forgetful = new ReplayGuard(store, { leaseSeconds: 1, keepSeconds: 1 });
      await forgetful.run(id, () => {});
      same(await forgetful.run(id, unexpected), { duplicate: true });
      await wait(AFTER_LEASE);
      same(await forgetful.run(id, () => "again"), { duplicate: false, value: "again" });
    },

    "what is done is remembered beyond the lease": async () => {
      const id = newId();
      await impatient.run(id, () => {});
      await wait(AFTER_LEASE);
      same(await impatient.run(id, unexpected), { duplicate: true });
    },
  };

  if (isAtomic) {
    checks["of 50 deliveries at the same moment one runs the handler, and none is told that it is done before it is"] =
      async () => {
        // Several times: a database's connections are opened during the first.
        for (let round = 0; round < 5; round += 1) {
          const id = newId();
          let runs = 0;
          let isDone = false;
          const work = async () => {
            runs += 1;
            await wait(50);
            isDone = true;
          };
          const delivery = async () => {
            const { duplicate } = await guard.run(id, work);
            ok(isDone, "told that it is done before it was");
            return duplicate ? "duplicate" : "ran";
          };
          const answers = await Promise.all(
            Array.from({ length: 50 }, () => delivery().catch((error) => error.code ?? error.message)),
          );
          equal(runs, 1);
          const others = answers.filter((answer) => answer !== "ran");
          equal(others.length, 49);
          for (const answer of others) ok(answer === "duplicate" || answer === "delivery_in_progress", answer);
          same(await guard.run(id, unexpected), { duplicate: true });
        }
      };
    checks["of 50 retries at the moment when a lease has ended one runs the handler"] = async () => {
      const id = newId();
      await store.claim(id, "of one that died", 1);
      await wait(AFTER_LEASE);
      let runs = 0;
      const work = async () => {
        runs += 1;
        await wait(50);
      };
      await Promise.allSettled(Array.from({ length: 50 }, () => guard.run(id, work)));
      equal(runs, 1);
    };
  }
  return together(checks);
}

export function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function newId() {
  return `evt_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`;
}

export function unexpected() {
  throw new Error("the handler was run");
}

/** A handler that says that it was entered, and ends once it is opened. */
export function newGate() {
  const gate = {};
  gate.entered = new Promise((resolve) => (gate.enter = resolve));
  gate.opened = new Promise((resolve) => (gate.open = resolve));
  gate.waiting = () => (gate.enter(), gate.opened);
  gate.failing = async () => {
    await gate.waiting();
    throw new Error("of the handler");
  };
  return gate;
}

/** The same checks, all of them started by the first that is run. */
function together(checks) {
  let started;
  const start = () => Object.fromEntries(Object.entries(checks).map(([name, run]) => [name, outcome(run())]));
  return Object.fromEntries(
    Object.keys(checks).map((name) => [name, async () => (await (started ??= start())[name])()]),
  );
}

/** What a check came to, so that a failure waits until it is asked for. */
function outcome(running) {
  return running.then(
    () => () => {},
    (error) => () => {
      throw error;
    },
  );
}
