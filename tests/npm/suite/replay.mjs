import { equal, ok, same, throws } from "./assert.mjs";
import { newGate, newId, replayBehaviours, unexpected, wait } from "./replay-behaviours.mjs";

export function replay(environment) {
  const { durableObjectStore, kvStore, memoryStore, postgresStore, redisStore, ReplayGuard, WebhookReplayError } =
    environment.replay;
  const misconfigured = (run, what) => throws("WebhookConfigurationError", "invalid_option", run, what);
  const working = { claim: () => "claimed", finish() {}, release() {} };
  const down = new Error("the store is down");
  const fail = () => {
    throw down;
  };

  return {
    ...replayBehaviours(environment, memoryStore()),

    "the guard's memory is its own unless a store is given": async () => {
      const [one, other] = [new ReplayGuard(), new ReplayGuard()];
      const id = newId();
      for (const guard of [one, other]) equal((await guard.run(id, () => {})).duplicate, false);
      equal((await one.run(id, unexpected)).duplicate, true);
    },

    "errors are the package's classes": async () => {
      const guard = new ReplayGuard({ ...working, claim: () => "in_progress" });
      const error = await guard.run("evt_1", unexpected).catch((error) => error);
      ok(
        error instanceof WebhookReplayError && error instanceof environment.webhooks.WebhookReplayError,
        "WebhookReplayError",
      );
      ok(
        error instanceof environment.webhooks.WebhookError && error.docs.endsWith("#delivery_in_progress"),
        error.docs,
      );
    },

    "wrong set-ups fail at start-up": () => {
      for (const store of [null, {}, "redis://localhost", { ...working, release: undefined }, { sendCommand() {} }]) {
        const { message, details } = misconfigured(() => new ReplayGuard(store), String(store));
        ok(message.includes("redisStore"), message);
        equal(details.option, "store");
      }
      for (const options of [
        { leaseSeconds: 0 },
        { leaseSeconds: 1.5 },
        { leaseSeconds: NaN },
        { leaseSeconds: "300" },
        { leaseSeconds: 2 ** 31 },
        { keepSeconds: 0 },
        { keepSeconds: -1 },
        { keepSeconds: Infinity },
        { keepSeconds: null },
        { keepSeconds: 299 },
        { onStoreError: "log" },
        { lease: 5 },
      ]) {
        const { details } = misconfigured(() => new ReplayGuard(working, options), JSON.stringify(options));
        equal(details.option, Object.keys(options)[0]);
      }
      new ReplayGuard(working, { leaseSeconds: 60, keepSeconds: 60 });
      new ReplayGuard(working, { leaseSeconds: 2 ** 31 - 1 });
      for (const options of [{ maxEntries: 0 }, { maxEntries: 2.5 }, { max: 5 }, null])
        misconfigured(() => memoryStore(options));
      for (const nothing of [undefined, null, "redis://localhost", {}]) {
        for (const make of [redisStore, kvStore, durableObjectStore, postgresStore])
          misconfigured(() => make(nothing), make.name);
      }
      misconfigured(() => redisStore({ call() {} }, { prefix: 5 }));
      misconfigured(() => redisStore({ call() {} }, { keyPrefix: "x" }));
      for (const table of ["", "a b", "a;drop table b", "a.b.c", 'a"b', "1a", "é", null]) {
        misconfigured(() => postgresStore({ query() {} }, { table }), String(table));
      }
      for (const table of ["replay", "Replay_2", "app.replay"]) postgresStore({ query() {} }, { table });
    },

    "an id that cannot be an event's is refused before the store is asked": async () => {
      const guard = new ReplayGuard({ ...working, claim: unexpected });
      for (const [id, received] of [
        [undefined, "undefined"],
        [null, "null"],
        ["", "an empty string"],
        [5, "a number"],
        [{}, "an object"],
        ...["a b", "a\n", "a\0", "é", "\ud800", "x".repeat(129)].map((id) => [
          id,
          `a string of ${id.length} characters`,
        ]),
      ]) {
        const { message, details } = await throws(
          "WebhookUsageError",
          "invalid_event_id",
          () => guard.run(id, unexpected),
          String(id),
        );
        equal(details.received, received);
        ok(message.includes(received) && !message.includes("x".repeat(129)), message);
      }
      equal((await new ReplayGuard().run("x".repeat(128), () => 1)).value, 1);
    },

    "a handler that was called in place of being passed is refused": async () => {
      const error = await misconfigured(() => new ReplayGuard().run("evt_1", Promise.resolve()));
      ok(error.message.includes("handler is a Promise"), error.message);
    },

    "a store that fails at claim: its error passes, no handler runs": async () => {
      for (const claim of [fail, () => Promise.reject(down)]) {
        equal(await new ReplayGuard({ ...working, claim }).run("evt_1", unexpected).catch((error) => error), down);
      }
    },

    "a store that hangs gets 5 s, and its late claim is released": async () => {
      const { setTimeout } = globalThis;
      const [waits, released, told] = [[], [], []];
      const gate = newGate();
      const never = () => new Promise(() => {});
      const options = { onStoreError: ({ code, message }, operation) => told.push(`${operation} ${code}`, message) };
      // Other checks may still be waiting for something else.
      globalThis.setTimeout = (run, ms) => (waits.push(ms), setTimeout(run, ms === 5000 ? 0 : ms));
      try {
        const late = { ...working, claim: () => gate.opened.then(() => "claimed"), release: (id) => released.push(id) };
        const { message } = await throws("WebhookReplayError", "replay_store_timeout", () =>
          new ReplayGuard(late).run("evt_1", unexpected),
        );
        ok(message.includes("respond to claim within 5 s"), message);
        gate.open();
        await new ReplayGuard({ ...working, finish: never }, options).run("evt_2", () => {});
        same(released, ["evt_1"]);
      } finally {
        globalThis.setTimeout = setTimeout;
      }
      equal(told[0], "finish replay_store_timeout");
      ok(told[1].includes("respond to finish within 5 s"), told[1]);
      ok(waits.filter((ms) => ms === 5000).length >= 3, String(waits));
    },

    "no timer is left once a store has responded": async () => {
      const { setTimeout, clearTimeout } = globalThis;
      const timers = new Set();
      globalThis.setTimeout = (...words) => {
        const timer = setTimeout(...words);
        if (words[1] === 5000) timers.add(timer);
        return timer;
      };
      globalThis.clearTimeout = (timer) => (timers.delete(timer), clearTimeout(timer));
      try {
        await new ReplayGuard(working).run("evt_1", () => {});
        for (let round = 0; round < 50 && timers.size > 0; round += 1) await wait(10);
      } finally {
        Object.assign(globalThis, { setTimeout, clearTimeout });
      }
      equal(timers.size, 0);
    },

    "a store that fails at finish: done, and onStoreError is called": async () => {
      const told = [];
      const guard = new ReplayGuard({ ...working, finish: fail }, { onStoreError: (...words) => told.push(words) });
      same(await guard.run("evt_1", () => "done"), { duplicate: false, value: "done" });
      ok(told.length === 1 && told[0][0] === down && told[0][1] === "finish", String(told));
    },

    "a store that fails at release does not hide the handler's error": async () => {
      const told = [];
      const release = () => Promise.reject(down);
      const guard = new ReplayGuard({ ...working, release }, { onStoreError: (...words) => told.push(words) });
      const mine = new RangeError("mine");
      equal(
        await guard
          .run("evt_1", () => {
            throw mine;
          })
          .catch((error) => error),
        mine,
      );
      ok(told.length === 1 && told[0][0] === down && told[0][1] === "release", String(told));
    },

    "an onStoreError that fails changes nothing about the answer": async () => {
      const { warn } = console;
      const lines = [];
      console.warn = (line) => lines.push(line);
      try {
        for (const onStoreError of [
          () => {
            throw new Error("of the reporter");
          },
          () => Promise.reject(new Error("of the reporter")),
        ]) {
          const guard = new ReplayGuard({ ...working, finish: fail, release: fail }, { onStoreError });
          same(await guard.run("evt_1", () => "done"), { duplicate: false, value: "done" });
          const mine = new RangeError("mine");
          equal(
            await guard
              .run("evt_1", () => {
                throw mine;
              })
              .catch((error) => error),
            mine,
          );
        }
      } finally {
        console.warn = warn;
      }
      ok(lines.length === 4 && lines.every((line) => line.includes("the store is down")), String(lines));
    },

    "endpoints that share a store, with a name before the id": async () => {
      const store = memoryStore();
      for (const endpoint of ["billing", "crm"]) {
        const id = `${endpoint}:evt_1`;
        equal((await new ReplayGuard(store).run(id, () => {})).duplicate, false);
        equal((await new ReplayGuard(store).run(id, unexpected)).duplicate, true);
      }
    },

    "redis: a claim that a reconnecting client sent twice is claimed": async () => {
      const values = new Map();
      const sendCommand = async ([command, key, value]) => {
        if (command === "GET") return values.get(key) ?? null;
        return values.has(key) ? null : (values.set(key, value), "OK");
      };
      const store = redisStore({ sendCommand });
      await store.claim("evt_1", "mine", 300);
      equal(await store.claim("evt_1", "mine", 300), "claimed");
      equal(await store.claim("evt_1", "another's", 300), "in_progress");
    },

    "a store's failure is told to console.warn unless told otherwise": async () => {
      const { warn } = console;
      const lines = [];
      console.warn = (line) => lines.push(line);
      try {
        await new ReplayGuard({ ...working, finish: fail }).run("evt_1", () => {});
      } finally {
        console.warn = warn;
      }
      ok(lines.length === 1 && lines[0].includes("finish") && lines[0].includes("the store is down"), String(lines));
    },

    "a custom store that returns something else is a configuration error": async () => {
      for (const answer of [undefined, true, "OK", null]) {
        const guard = new ReplayGuard({ ...working, claim: () => answer });
        const { message, details } = await misconfigured(() => guard.run("evt_1", unexpected), String(answer));
        ok(message.includes("claimed, in_progress or done"), message);
        equal(details.option, "store");
      }
    },

    "a store of one's own gets the times, and one token a run": async () => {
      const calls = [];
      const store = {
        claim: async (...words) => (calls.push(words), "claimed"),
        finish: async (...words) => calls.push(words),
        release: async (...words) => calls.push(words),
      };
      const guard = new ReplayGuard(store, { leaseSeconds: 60, keepSeconds: 120 });
      await guard.run("evt_1", () => {});
      await guard.run("evt_1", fail).catch(() => {});
      const [claim, finish, again, release] = calls;
      same([claim[2], finish[2], again[2], release.length], [60, 120, 60, 2]);
      ok(
        claim[1] === finish[1] && again[1] === release[1] && claim[1] !== again[1] && claim[1].length > 20,
        "the tokens",
      );
      await new ReplayGuard(store).run("evt_1", () => {});
      same([calls[4][2], calls[5][2]], [300, 259_200], "the defaults");
    },

    "memory is bounded, and forgets first what was done first": async () => {
      const guard = new ReplayGuard(memoryStore({ maxEntries: 3 }));
      for (const id of ["a", "b", "c", "d"]) await guard.run(id, () => {});
      for (const id of ["b", "c", "d"]) equal((await guard.run(id, unexpected)).duplicate, true, id);
      equal((await guard.run("a", () => {})).duplicate, false);
    },

    "memory never forgets events in progress, and reports being full": async () => {
      const guard = new ReplayGuard(memoryStore({ maxEntries: 3 }));
      const gate = newGate();
      const running = ["a", "b"].map((id) => guard.run(id, () => gate.opened));
      for (const id of ["c", "d", "e"]) await guard.run(id, () => {});
      await throws("WebhookReplayError", "delivery_in_progress", () => guard.run("a", unexpected));
      running.push(guard.run("f", () => gate.opened));
      const error = await throws("WebhookReplayError", "replay_store_full", () => guard.run("g", unexpected));
      ok(error.message.includes("3 events"), error.message);
      gate.open();
      for (const { duplicate } of await Promise.all(running)) equal(duplicate, false);
      for (const id of ["a", "b", "f"]) equal((await guard.run(id, unexpected)).duplicate, true, id);
      equal((await guard.run("g", () => {})).duplicate, false, "there is room again");
    },

    "memory stays bounded when an event is done after its lease": async () => {
      const store = memoryStore({ maxEntries: 2 });
      const guard = new ReplayGuard(store);
      const [slow, gate] = [newGate(), newGate()];
      const first = new ReplayGuard(store, { leaseSeconds: 1 }).run("slow", () => slow.waiting());
      await wait(1_200);
      const running = ["a", "b"].map((id) => guard.run(id, () => gate.opened));
      slow.open();
      equal((await first).duplicate, false);
      equal((await guard.run("slow", unexpected)).duplicate, true);
      await throws("WebhookReplayError", "replay_store_full", () => guard.run("c", unexpected));
      gate.open();
      await Promise.all(running);
      equal((await guard.run("c", () => {})).duplicate, false);
    },

    "memory holds 10,000 events by default": async () => {
      const guard = new ReplayGuard();
      for (let number = 0; number < 10_001; number += 1) await guard.run(`evt_${number}`, () => {});
      equal((await guard.run("evt_1", unexpected)).duplicate, true);
      equal((await guard.run("evt_0", () => {})).duplicate, false);
    },
  };
}
