import { atCaller } from "../../errors.js";
import { invalidOption, knownOptions } from "../../input/options.js";
import type { Claim, ReplayStore } from "../store.js";

/**
 * A `Pool` or `Client` from `pg`, or anything that runs SQL with `$1` parameters and returns rows. Not inside a
 * transaction.
 */
export interface PostgresLike {
  query(text: string, parameters: (string | number)[]): Promise<{ readonly rows: readonly any[] }>;
}

export interface PostgresStoreOptions {
  /** The table, with its schema if needed: `dealix_replay` by default. */
  table?: string | undefined;
}

export interface PostgresStore extends ReplayStore {
  /** Creates the table if it does not exist. */
  createTable(): Promise<void>;
}

/**
 * Serialization failures, and two claims of an event in the same microsecond, which the index on the expiry times
 * rejects.
 */
const TRANSIENT: readonly unknown[] = ["40001", "23505"];
const TRIES = 15;

/**
 * Remembers events in a PostgreSQL table, by the database's clock. Call `createTable()` once, or create the table in a
 * migration:
 *
 * ```sql
 * create table dealix_replay (
 *   id text primary key,
 *   token text, -- null once the event is done
 *   expires_at timestamptz not null,
 *   unique (expires_at, id)
 * );
 * ```
 *
 * Each event that is done also deletes a few expired ones, so nothing else needs to prune the table.
 */
export function postgresStore(client: PostgresLike, options: PostgresStoreOptions = {}): PostgresStore {
  const sql = atCaller(postgresStore, () => {
    const { table = "dealix_replay" } = knownOptions(options, { table: undefined });
    checkClient(client);
    checkTable(table);
    return statements(table);
  });
  return {
    async claim(id, token, leaseSeconds) {
      const { rows } = await query(sql.claim, [id, token, leaseSeconds]);
      return rows[0].claim as Claim;
    },
    finish: (id, _token, keepSeconds) => query(sql.finish, [id, keepSeconds]),
    release: (id, token) => query(sql.release, [id, token]),
    async createTable() {
      // If two create it at the same moment one fails, and by then the table exists.
      await client.query(sql.create, []).catch(() => client.query(sql.create, []));
    },
  };

  /** A transient error means that the statement had no effect, so it is retried. */
  async function query(text: string, parameters: (string | number)[]): ReturnType<PostgresLike["query"]> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await client.query(text, parameters);
      } catch (error) {
        if (!TRANSIENT.includes((error as { code?: unknown })?.code) || tries === TRIES) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * tries));
    }
  }
}

function statements(table: string): Record<"claim" | "finish" | "release" | "create", string> {
  return {
    // The final select sees the table as it was when the statement began: a row added since is another caller's claim.
    claim: `
      with claimed as (
        insert into ${table} as event (id, token, expires_at)
        values ($1, $2, clock_timestamp() + make_interval(secs => $3))
        on conflict (id) do update set token = excluded.token, expires_at = excluded.expires_at
        where event.expires_at <= clock_timestamp()
        returning id
      )
      select case
        when exists (select from claimed) then 'claimed'
        when (select token is null from ${table} where id = $1) then 'done'
        else 'in_progress'
      end as claim`,
    // Rows locked by another statement are left for next time.
    finish: `
      with pruned as (
        delete from ${table} where id in (
          select id from ${table} where expires_at <= clock_timestamp() and id <> $1
          order by expires_at limit 10 for update skip locked
        )
      )
      insert into ${table} (id, token, expires_at)
      values ($1, null, clock_timestamp() + make_interval(secs => $2))
      on conflict (id) do update set token = null, expires_at = excluded.expires_at`,
    release: `delete from ${table} where id = $1 and token = $2`,
    create: `
      create table if not exists ${table} (
        id text primary key,
        token text, -- null once the event is done
        expires_at timestamptz not null,
        unique (expires_at, id)
      )`,
  };
}

function checkClient(client: PostgresLike): void {
  if (typeof client?.query === "function") return;
  throw invalidOption("client", client, "Pass a `Pool` from `pg`, or an object with `query(text, parameters)`.");
}

/** The name becomes part of the SQL. */
function checkTable(table: unknown): void {
  if (typeof table === "string" && /^(\w+\.)?[a-z_]\w*$/i.test(table)) return;
  throw invalidOption("table", table, "Pass a name of letters, digits and underscores, or schema.name.");
}
