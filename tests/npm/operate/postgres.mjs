// A real PostgreSQL in a temporary folder, which can crash, come back, and be restored from a backup.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/free-port.mjs";

const FOLDERS = "/usr/lib/postgresql";

export async function startPostgres() {
  const folder = mkdtempSync(join(tmpdir(), "dealix-operate-"));
  const port = await freePort();
  const data = join(folder, "data");
  const log = join(folder, "server.log");
  if (isRoot()) chownSync(folder, ...["-u", "-g"].map((what) => Number(execFileSync("id", [what, "postgres"]))));
  // Not fast but true: this one keeps what it has said is committed.
  asServer("initdb", ["--auth=trust", "--username=postgres", "--pgdata", data]);
  let server;
  const postgres = {
    folder,
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    start: async () => {
      const words = ["-D", data, "-h", "127.0.0.1", "-p", `${port}`, "-k", folder];
      const [command, all] = serverCommand("postgres", words);
      server = spawn("sh", ["-c", 'exec "$0" "$@" 2>>"$LOG"', command, ...all], {
        env: { ...process.env, LOG: log },
        stdio: "ignore",
      });
      process.once("exit", killServer);
      for (let tries = 0; !isReady(port); tries += 1) {
        if (tries === 600 || server.exitCode !== null) throw new Error(`PostgreSQL does not start: ${readLog(log)}`);
        await sleep(100);
      }
    },
    /** As a crash of the machine does: without a checkpoint. */
    crash: async () => {
      process.off("exit", killServer);
      const ended = once(server, "exit");
      server.kill("SIGQUIT");
      await ended;
    },
    create: (database) => client("createdb", ["-h", "127.0.0.1", "-p", `${port}`, "-U", "postgres", database]),
    sql: (database, sql) => client("psql", [...PSQL, `--dbname=${postgres.url(database)}`, "--file=-"], sql),
    backUp: (database) => client("pg_dump", [`--dbname=${postgres.url(database)}`]),
    stop: async () => {
      await postgres.crash();
      rmSync(folder, { recursive: true });
    },
  };
  const killServer = () => server.kill("SIGQUIT");
  await postgres.start();
  return postgres;
}

const PSQL = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"];

function isReady(port) {
  try {
    client("pg_isready", ["-q", "-h", "127.0.0.1", "-p", `${port}`]);
    return true;
  } catch {
    return false;
  }
}

function client(name, words, input = "") {
  return execFileSync(programOf(name), words, { input, encoding: "utf8", maxBuffer: 2 ** 30, stdio: "pipe" });
}

function asServer(name, words) {
  const [command, all] = serverCommand(name, words);
  execFileSync(command, all, { stdio: "pipe" });
}

/** PostgreSQL refuses to run as root. */
function serverCommand(name, words) {
  if (!isRoot()) return [programOf(name), words];
  return ["setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", programOf(name), ...words]];
}

/** Debian keeps the server's programs off the PATH, in a folder for each version. */
function programOf(name) {
  const versions = existsSync(FOLDERS) ? readdirSync(FOLDERS).map(Number) : [];
  if (versions.length === 0) throw new Error(`no PostgreSQL in ${FOLDERS}; \`cargo xtask setup\` installs it`);
  return join(FOLDERS, `${Math.max(...versions)}`, "bin", name);
}

const isRoot = () => process.getuid() === 0;
const readLog = (log) => (existsSync(log) ? readFileSync(log, "utf8") : "it said nothing");
