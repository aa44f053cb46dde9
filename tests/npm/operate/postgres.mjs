// The databases of a real PostgreSQL, and their backups.
import { execFileSync } from "node:child_process";
import { postgresBin, startPostgres } from "../support/servers.mjs";

const PSQL = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"];

/** `kill` is a crash of its machine, and `resume` starts it again. */
export async function startDatabases() {
  const server = await startPostgres();
  const url = (database) => `postgres://postgres@127.0.0.1:${server.port}/${database}`;
  return {
    url,
    create: (database) =>
      client("psql", [...PSQL, `--dbname=${url("postgres")}`, `--command=CREATE DATABASE ${database}`]),
    sql: (database, sql) => client("psql", [...PSQL, `--dbname=${url(database)}`, "--file=-"], sql),
    backUp: (database) => client("pg_dump", [`--dbname=${url(database)}`]),
    kill: server.kill,
    resume: server.resume,
    stop: server.stop,
  };
}

function client(name, words, input = "") {
  return execFileSync(postgresBin(name), words, { input, encoding: "utf8", maxBuffer: 2 ** 30, stdio: "pipe" });
}
