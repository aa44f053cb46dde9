// Compile-time tests: the stores accept the databases' own clients.
import { Redis } from "ioredis";
import pg from "pg";
import { createClient, createClientPool } from "redis";
import { postgresStore, redisStore, ReplayGuard } from "@dealix/webhooks/replay";

const client = createClient({ url: "redis://localhost", disableOfflineQueue: true });
new ReplayGuard(redisStore(client));
new ReplayGuard(redisStore(createClientPool()));
new ReplayGuard(redisStore(new Redis()));
new ReplayGuard(redisStore(new Redis.Cluster([])));

new ReplayGuard(postgresStore(new pg.Pool()));
new ReplayGuard(postgresStore(new pg.Client(), { table: "app.replay" }));

export async function connected(): Promise<ReplayGuard> {
  return new ReplayGuard(redisStore(await createClient().connect()));
}
// @ts-expect-error: a Redis client is not a PostgreSQL client
postgresStore(client);
