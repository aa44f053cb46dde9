import { atCaller } from "../../errors.js";
import { invalidOption, knownOptions } from "../../input/options.js";
import type { Claim, ReplayStore } from "../store.js";

/** A `Pool` or `Client` of `pg`, or what else takes SQL with `$1` and answers with rows. Not one in a transaction. */
export interface PostgresLike {
  query(text: string, parameters: (string | number)[]): Promise<{ readonly rows: readonly any[] }>;
}

export interface PostgresStoreOptions {
  /** The table, with its schema if need be: `dealix_replay` by default. */
  table?: string | undefined;
}

export interface PostgresStore extends ReplayStore {
  /** Makes the table if there is none. */
  createTable(): Promise<void>;
}

/** Transactions that cannot be put in order, and two claims of an event in one microsecond, which the index of times turns back. */
const TRANSIENT: readonly unknown[] = ["40001", "23505"];
const TRIES = 15;

/**
 * Remembers events in a table of PostgreSQL, by the database's clock. Call `createTable()` once, or make the table in
 * a migration:
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
 * Each event that is done also deletes some that have expired, so nothing else need prune the table.
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
      // Of two that make it at the same moment one fails, and then it is there.
      await client.query(sql.create, []).catch(() => client.query(sql.create, []));
    },
  };

  /** What the database turned back for the moment has had no effect, and is tried again. */
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
    // The last part sees the table as it was when the statement began: a row that came since is another's claim.
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
    // A row that another statement holds is left to the next.
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
  throw invalidOption("client", client, "Give a `Pool` of `pg`, or an object with `query(text, parameters)`.");
}

/** It becomes a part of the SQL. */
function checkTable(table: unknown): void {
  if (typeof table === "string" && /^(\w+\.)?[a-z_]\w*$/i.test(table)) return;
  throw invalidOption("table", table, "Give a name of letters, digits and underscores, or schema.name.");
}
