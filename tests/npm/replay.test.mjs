// The replay guard over real stores: Redis, PostgreSQL, and Cloudflare's KV and Durable Objects in workerd.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { Miniflare } from "miniflare";
import { createCluster } from "redis";
import * as webhooks from "@dealix/webhooks";
import * as replay from "@dealix/webhooks/replay";
import * as testing from "@dealix/webhooks/testing";
import { clients } from "./replay/clients.mjs";
import { startPostgres, startRedis } from "./support/servers.mjs";
import { bundleWorker } from "./runtimes/bundle-worker.mjs";
import { newId, replayBehaviours, unexpected } from "./suite/replay-behaviours.mjs";

const { ReplayGuard, postgresStore, redisStore } = replay;
const environment = { webhooks, testing, replay };
const behaviours = Object.keys(replayBehaviours(environment, replay.memoryStore()));

for (const [client, startServer] of [
  ["node-redis", startRedis],
  ["ioredis", startRedis],
  ["pg", startPostgres],
]) {
  describe(client, { timeout: 120_000 }, () => {
    let server;
    let connection;
    before(async () => {
      server = await startServer();
      connection = await clients[client](server.port);
      await connection.store.createTable?.();
    });
    after(async () => {
      await connection?.close();
      await server?.stop();
    });

    let checks;
    for (const name of behaviours) {
      test(`${client}: ${name}`, () => (checks ??= replayBehaviours(environment, connection.store))[name]());
    }

    test(`${client}: a process killed in its handler holds the event for its lease`, async () => {
      const id = newId();
      const claimed = Date.now();
      await killInHandler(client, server.port, id);
      const guard = new ReplayGuard(connection.store);
      await assert.rejects(guard.run(id, unexpected), { code: "delivery_in_progress" });
      while ((await guard.run(id, () => "mine").catch(({ code }) => code)) === "delivery_in_progress") {
        assert.ok(Date.now() - claimed < 15_000, "the lease does not end");
        await wait(100);
      }
      assert.ok(Date.now() - claimed >= 3_000, "before the lease ended");
      assert.deepEqual(await guard.run(id, unexpected), { duplicate: true });
    });

    test(`${client}: with the server down deliveries fail at once, then recover`, async () => {
      const told = [];
      const guard = new ReplayGuard(connection.store, { onStoreError: (_error, operation) => told.push(operation) });
      const [done, failed, finished, fresh] = Array.from({ length: 4 }, newId);
      await guard.run(done, () => {});
      const mine = new RangeError("mine");
      const failing = guard.run(failed, async () => {
        await server.kill();
        throw mine;
      });
      await assert.rejects(failing, mine, "the handler's error, not the store's");
      assert.deepEqual(told, ["release"]);
      const started = Date.now();
      const handler = webhooks.fetchHandler({ secret: "s", onEvent: (event) => guard.run(event.id, unexpected) });
      const request = testing.signedRequest({ secret: "s", event: testing.makeEvent({ type: "deal.won", id: fresh }) });
      await assert.rejects(handler(request), (error) => !/handler was run/.test(error.message));
      assert.ok(Date.now() - started < 10_000, `it took ${Date.now() - started} ms`);

      await server.resume();
      await until(() =>
        guard
          .run(fresh, () => {})
          .then(
            () => true,
            () => false,
          ),
      );
      assert.deepEqual(await guard.run(done, unexpected), { duplicate: true });
      const result = await guard.run(finished, async () => (await server.kill(), "done"));
      assert.deepEqual(result, { duplicate: false, value: "done" });
      assert.deepEqual(told, ["release", "finish"]);
      await server.resume();
      await until(() =>
        guard
          .run(newId(), () => {})
          .then(
            () => true,
            () => false,
          ),
      );
      await assert.rejects(guard.run(finished, unexpected), { code: "delivery_in_progress" });
    });
  });
}

test("redis: keys have the prefix and let themselves expire", { timeout: 60_000 }, async () => {
  const server = await startRedis();
  const { client, close } = await clients.ioredis(server.port);
  try {
    const [id, other] = [newId(), newId()];
    await new ReplayGuard(redisStore(client)).run(id, () => {});
    await redisStore(client, { prefix: "mine:" }).claim(other, "token", 300);
    assert.deepEqual((await client.keys("*")).sort(), [`dealix:replay:${id}`, `mine:${other}`].sort());
    const left = await client.pttl(`dealix:replay:${id}`);
    assert.ok(left > 259_190_000 && left <= 259_200_000, String(left));
    const lease = await client.pttl(`mine:${other}`);
    assert.ok(lease > 290_000 && lease <= 300_000, String(lease));
  } finally {
    close();
    await server.stop();
  }
});

test("redis: a cluster takes each command, from both clients", { timeout: 60_000 }, async () => {
  const server = await startRedis("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
  const { client, close } = await clients.ioredis(server.port);
  let ioredis;
  let nodeRedis;
  try {
    await client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await until(async () => (await client.cluster("INFO")).includes("cluster_state:ok"));
    ioredis = new Redis.Cluster([{ host: "127.0.0.1", port: server.port }]);
    nodeRedis = await createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${server.port}` }] }).connect();
    const keyOf = (words) => words[words[0] === "EVAL" ? 3 : 1];
    const sendCommand = (words) => nodeRedis.sendCommand(keyOf(words), false, words);
    for (const store of [redisStore(ioredis), redisStore({ sendCommand })]) {
      for (let times = 0; times < 20; times += 1) {
        const id = newId();
        const guard = new ReplayGuard(store, { onStoreError: (error) => assert.fail(error) });
        await assert.rejects(guard.run(id, unexpected), { message: "the handler was run" });
        assert.deepEqual(await guard.run(id, () => 1), { duplicate: false, value: 1 });
        assert.deepEqual(await guard.run(id, unexpected), { duplicate: true });
      }
    }
  } finally {
    ioredis?.disconnect();
    nodeRedis?.destroy();
    close();
    await server.stop();
  }
});

test("postgres: the table", { timeout: 60_000 }, async (t) => {
  const server = await startPostgres();
  const { client, store, close } = await clients.pg(server.port);
  const rows = async (table = "dealix_replay") => (await client.query(`select id, token from ${table}`)).rows;
  try {
    await t.test("without it a claim fails and names it", () =>
      assert.rejects(new ReplayGuard(store).run(newId(), unexpected), /"dealix_replay" does not exist/),
    );

    await t.test("processes that start at once may all make it", async () => {
      await Promise.all(Array.from({ length: 10 }, () => store.createTable()));
      await store.createTable();
      assert.deepEqual(await rows(), []);
    });

    await t.test("the migration in the README makes the same", async () => {
      const readme = readFileSync(join(import.meta.dirname, "../../node_modules/@dealix/webhooks/README.md"), "utf8");
      const shape = async () => [
        (
          await client.query(
            "select column_name, data_type, is_nullable from information_schema.columns where table_name = 'dealix_replay'",
          )
        ).rows,
        (await client.query("select indexdef from pg_indexes where tablename = 'dealix_replay'")).rows,
      ];
      const made = await shape();
      await client.query("drop table dealix_replay");
      await client.query(/```sql\n(create table dealix_replay [^`]+)```/.exec(readme)[1]);
      assert.deepEqual(await shape(), made);
      assert.equal(made[1].length, 2);
    });

    await t.test("it may have another name and schema", async () => {
      await client.query("create schema app");
      const named = postgresStore(client, { table: "app.handled" });
      await named.createTable();
      const id = newId();
      await new ReplayGuard(named).run(id, () => {});
      assert.deepEqual(await rows("app.handled"), [{ id, token: null }]);
      assert.deepEqual(await rows(), []);
    });

    await t.test("what has expired is deleted as others are done", async () => {
      const forgetful = new ReplayGuard(store, { leaseSeconds: 1, keepSeconds: 1 });
      for (let number = 0; number < 30; number += 1) await forgetful.run(`evt_old_${number}`, () => {});
      await store.claim("evt_died", "token", 1);
      await wait(1_200);
      const guard = new ReplayGuard(store);
      await Promise.all(Array.from({ length: 8 }, (_, number) => guard.run(`evt_new_${number}`, () => {})));
      await guard.run("evt_new_8", () => {});
      assert.deepEqual(
        (await rows()).map(({ id }) => id).filter((id) => !id.startsWith("evt_new")),
        [],
      );
      assert.equal((await rows()).length, 9);
    });

    await t.test("it is the database's clock that counts", async () => {
      const id = newId();
      const { now } = Date;
      Date.now = () => now() + 1_000_000_000;
      try {
        assert.equal(await store.claim(id, "token", 2), "claimed");
      } finally {
        Date.now = now;
      }
      assert.equal(await store.claim(id, "other", 2), "in_progress");
      await wait(2_200);
      assert.equal(await store.claim(id, "other", 2), "claimed");
    });
  } finally {
    await close();
    await server.stop();
  }
});

for (const isolation of ["repeatable read", "serializable"]) {
  test(`postgres: in a database whose transactions are ${isolation}`, { timeout: 60_000 }, async (t) => {
    const server = await startPostgres();
    const { client, store, close } = await clients.pg(server.port);
    try {
      await store.createTable();
      await client.query(`alter database postgres set default_transaction_isolation = '${isolation}'`);
      await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
      );
    } finally {
      await close();
    }
    const strict = await clients.pg(server.port);
    try {
      assert.equal((await strict.client.query("show transaction_isolation")).rows[0].transaction_isolation, isolation);
      const checks = replayBehaviours(environment, strict.store);
      for (const name of behaviours) await t.test(`postgres, ${isolation}: ${name}`, () => checks[name]());
    } finally {
      await strict.close();
      await server.stop();
    }
  });
}

for (const [client, startServer] of [
  ["node-redis", startRedis],
  ["ioredis", startRedis],
  ["pg", startPostgres],
]) {
  test(`${client}: a server that hangs holds no delivery`, { timeout: 60_000 }, async () => {
    const server = await startServer();
    const { store, close } = await clients[client](server.port);
    try {
      await store.createTable?.();
      const guard = new ReplayGuard(store);
      await guard.run(newId(), () => {});
      const thaw = server.freeze();
      try {
        const started = Date.now();
        await assert.rejects(guard.run(newId(), unexpected));
        assert.ok(Date.now() - started < 9_000, `it took ${Date.now() - started} ms`);
      } finally {
        thaw();
      }
      await until(() =>
        guard
          .run(newId(), () => {})
          .then(
            () => true,
            () => false,
          ),
      );
    } finally {
      await close();
      await server.stop();
    }
  });
}

test("a hanging store holds a delivery for 5 s, and releases a late claim", { timeout: 30_000 }, async () => {
  const working = { claim: () => "claimed", finish() {}, release() {} };
  const never = () => new Promise(() => {});
  const [released, told] = [[], []];
  const onStoreError = (error, operation) => told.push(`${operation} ${error.code}`);
  const mine = new RangeError("mine");
  const late = new ReplayGuard({ ...working, claim: () => wait(5_500, "claimed"), release: (id) => released.push(id) });
  const started = Date.now();
  const [, value] = await Promise.all([
    assert.rejects(late.run("evt_late", unexpected), { name: "WebhookReplayError", code: "replay_store_timeout" }),
    new ReplayGuard({ ...working, finish: never }, { onStoreError }).run("evt_1", () => "done"),
    assert.rejects(
      new ReplayGuard({ ...working, release: never }, { onStoreError }).run("evt_1", () => Promise.reject(mine)),
      mine,
    ),
  ]);
  assert.ok(Date.now() - started < 9_000, "the store's time is over");
  assert.deepEqual(value, { duplicate: false, value: "done" });
  assert.deepEqual(told.sort(), ["finish replay_store_timeout", "release replay_store_timeout"]);
  await until(() => released.includes("evt_late"));
});

test("a guard that is done keeps no process alive", { timeout: 30_000 }, async () => {
  const program =
    'import { ReplayGuard } from "@dealix/webhooks/replay"; await new ReplayGuard().run("evt_1", () => {}); console.log("done");';
  const child = spawn("node", ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const done = Date.now();
  await once(child, "exit");
  assert.ok(Date.now() - done < 3_000, `it lived for ${Date.now() - done} ms`);
});

describe("workerd", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "replay-workerd-"));
  let miniflare;
  const startWorker = async () => {
    const modules = await bundleWorker(join(import.meta.dirname, "replay/worker.mjs"));
    miniflare = new Miniflare({
      modules,
      modulesRoot: "/",
      cf: false,
      compatibilityDate: "2026-04-01",
      kvNamespaces: ["EVENTS"],
      durableObjects: { REPLAY_GUARD: { className: "ReplayDurableObject", useSQLite: true } },
      kvPersist: join(folder, "kv"),
      durableObjectsPersist: join(folder, "objects"),
    });
    await miniflare.ready;
  };
  const ask = async (path) => (await miniflare.dispatchFetch(`http://worker.example${path}`)).text();
  before(startWorker);
  after(async () => {
    await miniflare?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const store of ["durable-object", "kv"]) {
    test(`${store}: behaviours`, async (t) => {
      const results = JSON.parse(await ask(`/behaviours?store=${store}`));
      assert.equal(results.length, store === "kv" ? behaviours.length - 2 : behaviours.length);
      for (const { name, error } of results)
        await t.test(`${store}: ${name}`, () => assert.ok(error === undefined, error));
    });

    test(`${store}: done and in-progress events survive a restart`, async () => {
      const [done, inHand] = [newId(), newId()];
      assert.equal(await ask(`/run?store=${store}&id=${done}`), '{"duplicate":false,"value":"ran"}');
      assert.equal(await ask(`/claim?store=${store}&id=${inHand}`), "claimed");
      await miniflare.dispose();
      await startWorker();
      assert.equal(await ask(`/run?store=${store}&id=${done}`), '{"duplicate":true}');
      assert.equal(await ask(`/claim?store=${store}&id=${inHand}`), "in_progress");
    });
  }

  test("durable-object: an alarm deletes expired events until none is left", async () => {
    const namespace = await miniflare.getDurableObjectNamespace("REPLAY_GUARD");
    for (let number = 0; number < 64; number += 1)
      await ask(`/run?store=durable-object&id=evt_sweep_${number}&keep=${number < 48 ? 1 : 3600}`);
    await wait(1_200);
    const objects = Array.from({ length: 16 }, (_, number) =>
      namespace.get(namespace.idFromName(`dealix-replay-${number}`)),
    );
    const look = (path) =>
      Promise.all(objects.map(async (object) => (await object.fetch(`http://object.example${path}`)).json()));
    const ids = (looks) =>
      looks.flatMap(({ rows }) => rows.map(({ id }) => id)).filter((id) => id.startsWith("evt_sweep_"));
    const stored = await look("/look");
    assert.equal(ids(stored).length, 64);
    for (const { rows, alarm } of stored) {
      assert.ok(rows.filter(({ id }) => id.startsWith("evt_sweep_")).length > 0, "every object has its share");
      assert.ok(alarm > Date.now() + 3_500_000 && alarm <= Date.now() + 3_600_000, `the alarm is at ${alarm}`);
    }
    await look("/sweep-now");
    await until(async () => ids(await look("/look")).length === 16);
    for (const { rows, alarm } of await look("/look"))
      assert.equal(alarm !== null, rows.length > 0, JSON.stringify({ rows, alarm }));
  });

  test("durable-object: no alarm comes again where there is nothing", async () => {
    const namespace = await miniflare.getDurableObjectNamespace("REPLAY_GUARD");
    const object = namespace.get(namespace.idFromName("holds nothing"));
    const alarm = async (path) => (await (await object.fetch(`http://object.example${path}`)).json()).alarm;
    assert.notEqual(await alarm("/sweep-now"), null);
    await until(async () => (await alarm("/look")) === null);
    await wait(300);
    assert.equal(await alarm("/look"), null);
  });

  test("durable-object: another class's namespace is a configuration error", async () => {
    const namespace = {
      idFromName: (name) => name,
      get: () => ({ fetch: async () => new Response("", { status: 404 }) }),
    };
    const guard = new ReplayGuard(replay.durableObjectStore(namespace));
    await assert.rejects(guard.run(newId(), unexpected), {
      name: "WebhookConfigurationError",
      message: /responded 404.*new_sqlite_classes/,
    });
  });
});

/** Runs the guard in its own process, which is killed in the handler. */
async function killInHandler(client, port, id) {
  const child = spawn("node", [join(import.meta.dirname, "replay/crash.mjs"), client, String(port), id], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [text] = await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => ["it ended"])]);
    assert.equal(String(text), "running\n");
  } finally {
    child.kill("SIGKILL");
    if (child.signalCode === null && child.exitCode === null) await once(child, "exit");
  }
  assert.equal(child.signalCode, "SIGKILL");
}

async function until(isTrue) {
  for (const started = Date.now(); !(await isTrue()); await wait(100))
    assert.ok(Date.now() - started < 20_000, "it does not come true");
}
