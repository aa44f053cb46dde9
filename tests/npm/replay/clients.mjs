// The clients that the stores take, connected as the README says.
import { Redis } from "ioredis";
import pg from "pg";
import { createClient } from "redis";
import { postgresStore, redisStore } from "@dealix/webhooks/replay";

/** A store over each client: `open(port)` gives it, and what closes its connections. */
export const clients = {
  async "node-redis"(port) {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true });
    client.on("error", () => {});
    await client.connect();
    return { client, store: redisStore(client), close: () => client.destroy() };
  },

  async ioredis(port) {
    const client = new Redis(port, "127.0.0.1", { enableOfflineQueue: false, lazyConnect: true });
    client.on("error", () => {});
    await client.connect();
    return { client, store: redisStore(client), close: () => client.disconnect() };
  },

  async pg(port) {
    const client = new pg.Pool({
      host: "127.0.0.1",
      port,
      user: "postgres",
      database: "postgres",
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    });
    client.on("error", () => {});
    return { client, store: postgresStore(client), close: () => client.end() };
  },
};
